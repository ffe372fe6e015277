-- commit.lua moves the memory of one partition by one batch, or does nothing.
--
-- KEYS, all under one hash tag, in this order:
--   1  …{pN}:meta       hash: owner, epoch, batch, intents, signals, now, restoring, policy, tail:<topic>
--   2  …{pN}:outbox     string: the batch's output
--   3  …{pN}:waiting    hash: person -> due
--   4  …{pN}:campaigns  hash: campaign -> tally
--   5  …{pN}:rates      string: what was decided in the minutes that may still grow
--   6… the keys of people: first those to set, then those to remove
--
-- ARGV. Whatever is a number travels as decimal text and is compared and stored
-- as text: Lua's doubles would lose digits from 2^53 on.
--   1  owner     the token that must be in meta
--   2  before    the number of the batch that must be the last one; "0" before the first
--   3  outbox
--   4  rates     '' where they stay as they are
--   5  marks     how many arguments are marks: field, value, field, value …
--   6  due       how many arguments are people who wait: person, due, person, due … (due in ms since 1970)
--   7  free      how many people wait no longer: person …
--   8  tallies   how many arguments are campaigns that have one: campaign, tally …
--   9  idle      how many campaigns have none any more: campaign …
--   10 people    how many keys of people are set: value …
--   11… the six lists, in this order
--
-- Returns 'ok', 'fenced' (meta is missing or has another owner) or 'moved' (the
-- last batch is not the one before). Both refusals have changed nothing.
--
-- Atomicity: Redis runs a script alone, but does not take back what a failed one
-- wrote. So everything that can fail comes first: the counts, the owner, the
-- batch, and the types of the keys that are read or added to (SET, MSET and DEL
-- take any type). Memory, replicas and disk are judged by Redis at the first write,
-- which is still before any change. It reaches the replicas and the append-only
-- file as one transaction.
--
-- No policy lives here: nothing is decided, and nothing of a person is read.
-- Common subset of Redis 7.0, Valkey and miniredis: no #!lua, cmsgpack, bit.
--
-- To debug, from this folder, on a Redis that matters to nobody:
--   redis-cli HSET '{p0}:meta' owner me batch 6
--   redis-cli --ldb --eval commit.lua '{p0}:meta' '{p0}:outbox' '{p0}:waiting' '{p0}:campaigns' '{p0}:rates' '{p0}:no:ada' , me 6 out '' 2 0 0 0 0 1 batch 7 '{"person":"ada"}'

local SLICE = 4000 -- arguments of one call; even, and below the 8000 or so that unpack can take

local meta, outbox, waiting, campaigns, rates = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local owner, before = ARGV[1], ARGV[2]
local marks, due, free, tallies, idle, people =
  tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])

if not (marks and due and free and tallies and idle and people)
  or marks % 2 ~= 0 or due % 2 ~= 0 or tallies % 2 ~= 0
  or #ARGV ~= 10 + marks + due + free + tallies + idle + people
  or #KEYS < 5 + people then
  return redis.error_reply('ERR governor: the counts of a batch do not fit its arguments')
end

local held = redis.call('HMGET', meta, 'owner', 'batch')
if held[1] ~= owner then
  return 'fenced'
end
if (held[2] or '0') ~= before then
  return 'moved'
end
redis.call('HLEN', waiting)
redis.call('HLEN', campaigns)
local fields = redis.call('HKEYS', meta)

local at = 11 -- where the next list starts

-- all calls a command for a list, a slice at a time.
local function all(command, key, count)
  for from = at, at + count - 1, SLICE do
    redis.call(command, key, unpack(ARGV, from, math.min(from + SLICE, at + count) - 1))
  end
  at = at + count
end

-- Positions in outputs that the last batch had and this one has not.
local named = {}
for i = at, at + marks - 1, 2 do
  named[ARGV[i]] = true
end
for _, field in ipairs(fields) do
  if string.sub(field, 1, 5) == 'tail:' and not named[field] then
    redis.call('HDEL', meta, field)
  end
end
all('HSET', meta, marks)

redis.call('SET', outbox, ARGV[3])

if not held[2] then
  redis.call('DEL', waiting, campaigns, rates) -- left over from a memory that was lost
end
if ARGV[4] ~= '' then
  redis.call('SET', rates, ARGV[4])
end
all('HSET', waiting, due)
all('HDEL', waiting, free)
all('HSET', campaigns, tallies)
all('HDEL', campaigns, idle)

-- MSET costs Redis some 15 % less than as many SETs, and miniredis half.
local key = 6
for from = 0, people - 1, SLICE / 2 do
  local pair, n = {}, 0
  for i = from, math.min(from + SLICE / 2, people) - 1 do
    pair[n + 1], pair[n + 2] = KEYS[key], ARGV[at + i]
    key, n = key + 1, n + 2
  end
  redis.call('MSET', unpack(pair))
end
for from = key, #KEYS, SLICE do -- those to remove
  redis.call('DEL', unpack(KEYS, from, math.min(from + SLICE - 1, #KEYS)))
end
return 'ok'
