-- Forgets some keys of a partition, and first of all how far its memory had come: whoever acquires it from then on takes it
-- for lost, and makes it anew.
--
-- KEYS  1 meta  2… what to forget
-- ARGV  1 the owner's token
-- Answers "ok" or "fenced".
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 'fenced'
end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if field ~= 'owner' and field ~= 'epoch' then
    redis.call('HDEL', KEYS[1], field)
  end
end
for i = 2, #KEYS do
  redis.call('DEL', KEYS[i])
end
return 'ok'
