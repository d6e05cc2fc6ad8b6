"""What is asked of Redis in one piece: Lua, which Redis runs with nothing in between (Redis 5 or newer).

Two keys are in most of them. `pulse` is when any node was last heard of; `epoch` is when an outage ended: when a node
was heard of after nobody had been for `gap` (Redis was away, stood still, lost its data or had its clock changed), or
before anybody ever was. For one lease from the epoch on nobody may claim anything: whoever served a room through the
outage renews it meanwhile, or makes its lease anew. All times are Redis's own, in milliseconds, so that no node's clock
counts.
"""

_PRELUDE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function number(key) return tonumber(redis.call('GET', key) or '') end
local function barred_for(lease, gap)
  local pulse, epoch = number(KEYS[1]), number(KEYS[2])
  if not pulse or not epoch or math.abs(now - pulse) > gap or epoch > now then
    epoch = now
    redis.call('SET', KEYS[2], text(now))
  end
  return math.max(0, epoch + lease - now)
end
"""

# KEYS: pulse, epoch, lease, generation, floor.
# ARGV: who (node id and URL), lease, gap, life of the generation.
# Gives ['held', value], ['barred', ms] or ['yours', value, generation, floor].
CLAIM = (
    _PRELUDE
    + """
local value = redis.call('GET', KEYS[3])
if value then
  -- Redis's clock was set back: without this the lease would outlive its owner by as much.
  if redis.call('PTTL', KEYS[3]) > tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[3], ARGV[2]) end
  return {'held', value}
end
local wait = barred_for(tonumber(ARGV[2]), tonumber(ARGV[3]))
if wait > 0 then return {'barred', wait} end
local generation = math.max((number(KEYS[4]) or 0) + 1, now)
value = text(generation) .. ' ' .. ARGV[1]
redis.call('SET', KEYS[3], value, 'PX', ARGV[2])
redis.call('SET', KEYS[4], text(generation), 'PX', ARGV[4])
local floor = 0
local last = redis.call('HMGET', KEYS[5], 'number', 'at')
if last[1] and last[2] then floor = tonumber(last[1]) + math.max(0, now - tonumber(last[2])) end
return {'yours', value, text(generation), text(floor)}
"""
)

# KEYS: pulse, epoch, nodes; then for each room lease, generation, floor.
# ARGV: node id, its record, lease, gap, ms for which a node is known, sequence number, life of the floor; then for each
# room value, generation.
# Gives [records of all nodes, for each room 1 (renewed), 2 (made anew) or 0 (lost)].
BEAT = (
    _PRELUDE
    + """
local lease = ARGV[3]
barred_for(tonumber(lease), tonumber(ARGV[4]))
redis.call('SET', KEYS[1], text(now))
redis.call('HSET', KEYS[3], ARGV[1], text(now) .. ' ' .. ARGV[2])
local kept = {}
for i = 0, (#KEYS - 3) / 3 - 1 do
  local key, generation, floor = KEYS[4 + 3 * i], KEYS[5 + 3 * i], KEYS[6 + 3 * i]
  local value, mine = ARGV[8 + 2 * i], tonumber(ARGV[9 + 2 * i])
  local found = redis.call('GET', key)
  if found == value then
    redis.call('PEXPIRE', key, lease)
    kept[i + 1] = 1
  elseif not found and (number(generation) or 0) <= mine then
    redis.call('SET', key, value, 'PX', lease)
    redis.call('SET', generation, text(mine), 'PX', ARGV[7])
    kept[i + 1] = 2
  else
    kept[i + 1] = 0
  end
  if kept[i + 1] > 0 then
    redis.call('HSET', floor, 'number', ARGV[6], 'at', text(now))
    redis.call('PEXPIRE', floor, ARGV[7])
    redis.call('PEXPIRE', generation, ARGV[7])
  end
end
local records, all = {}, redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  local at = tonumber(string.match(all[i + 1], '^%d+'))
  if math.abs(now - at) > tonumber(ARGV[5]) then
    redis.call('HDEL', KEYS[3], all[i])
  else
    records[#records + 1] = string.match(all[i + 1], '^%d+ (.*)$')
  end
end
return {records, kept}
"""
)

# KEYS: lease, floor. ARGV: value, sequence number, life of the floor. Gives 1 if it was ours.
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local t = redis.call('TIME')
redis.call('HSET', KEYS[2], 'number', ARGV[2], 'at', string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000)))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return redis.call('DEL', KEYS[1])
"""

# KEYS: lease, state, captions. ARGV: value, life in ms, 'set', 'keep' or 'drop' what is said of the room, what is said,
# most captions, 'clear' or 'keep' those that are there; then captions.
# Gives 1, or 0 if the room is not ours: a node that was cut off changes nothing of what another one has made since.
SAVE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == 'set' then redis.call('SET', KEYS[2], ARGV[4])
elseif ARGV[3] == 'drop' then redis.call('DEL', KEYS[2]) end
if ARGV[6] == 'clear' then redis.call('DEL', KEYS[3]) end
for i = 7, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[i]) end
if #ARGV > 6 then redis.call('LTRIM', KEYS[3], -tonumber(ARGV[5]), -1) end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return 1
"""

# KEYS: revoked. ARGV: token id, epoch seconds until which it matters. What is over by then goes.
REVOKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', redis.call('TIME')[1])
return redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
"""
