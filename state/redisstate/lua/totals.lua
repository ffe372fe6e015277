-- totals.lua tells how far a partition has come and what its calls add up to, as
-- of one step of its memory. It changes nothing.
--
-- KEYS, all under one hash tag:
--   1  …{pN}:meta       hash: owner, epoch, batch, intents, signals, now, …
--   2  …{pN}:campaigns  hash: campaign -> tally
-- ARGV:
--   1… campaigns
--
-- Returns meta as it is, and the tally of each campaign, '' where there is none:
-- {field, value, …}, {tally, …}.
--
-- To debug: redis-cli --ldb --eval totals.lua '{p0}:meta' '{p0}:campaigns' , spring

local SLICE = 4000 -- arguments of one call; below the 8000 or so that unpack can take

local tallies = {}
for from = 1, #ARGV, SLICE do
  for _, tally in ipairs(redis.call('HMGET', KEYS[2], unpack(ARGV, from, math.min(from + SLICE - 1, #ARGV)))) do
    tallies[#tallies + 1] = tally or ''
  end
end
return {redis.call('HGETALL', KEYS[1]), tallies}
