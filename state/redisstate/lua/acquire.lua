-- acquire.lua makes somebody the owner of a partition, whoever was it before, and
-- tells where its memory stands.
--
-- KEYS, all under one hash tag:
--   1  …{pN}:meta       hash: owner, epoch, batch, intents, signals, now, restoring, policy, tail:<topic>
--   2  …{pN}:outbox     string: the last batch's output
--   3  …{pN}:waiting    hash: person -> due, in milliseconds since 1970
--   4  …{pN}:campaigns  hash: campaign -> tally
--   5  …{pN}:rates      string: what was decided in the minutes that may still grow
-- ARGV:
--   1  owner           a token that nobody used before
--
-- Returns the five keys as they are, meta with the new owner and the raised
-- epoch: {field, value, …}, the outbox or '', {person, due, …}, {campaign, tally,
-- …}, the rates or ''. A meta without a batch is one of which nothing is known: the memory was
-- lost, or never began.
--
-- Atomicity: all reads come before the writes, so that a key of a wrong type ends
-- it before anything has changed. To run it twice does no harm but to raise the
-- epoch twice.
--
-- To debug: redis-cli --ldb --eval acquire.lua '{p0}:meta' '{p0}:outbox' '{p0}:waiting' '{p0}:campaigns' '{p0}:rates' , me

local outbox = redis.call('GET', KEYS[2])
local waiting = redis.call('HGETALL', KEYS[3])
local campaigns = redis.call('HGETALL', KEYS[4])
local rates = redis.call('GET', KEYS[5])

redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'owner', ARGV[1])
return {redis.call('HGETALL', KEYS[1]), outbox or '', waiting, campaigns, rates or ''}
