-- check.lua tries every command that the other scripts need, on two keys that
-- belong to nobody and that it leaves removed. The commands are the same; their
-- effect is nothing.
--
-- KEYS:
--   1  …{check}:hash
--   2  …{check}:string
-- Returns a list: for each command that failed its name and what Redis said about
-- it, in turn.

local failed = {}

local function try(...)
  local reply = redis.pcall(...)
  if type(reply) == 'table' and reply.err then
    failed[#failed + 1] = (...)
    failed[#failed + 1] = reply.err
  end
end

try('DEL', KEYS[1], KEYS[2])
try('HSET', KEYS[1], 'batch', '1')
try('HINCRBY', KEYS[1], 'epoch', 1)
try('HMGET', KEYS[1], 'batch', 'epoch')
try('HKEYS', KEYS[1])
try('HGETALL', KEYS[1])
try('HLEN', KEYS[1])
try('HDEL', KEYS[1], 'batch')
try('SET', KEYS[2], '1')
try('MSET', KEYS[2], '2')
try('GET', KEYS[2])
try('DEL', KEYS[1], KEYS[2])
return failed
