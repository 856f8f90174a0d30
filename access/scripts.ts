/**
 * The Lua that runs inside Redis (6.0 or later). Each script works on the keys of one grant (see GrantKeys), tells
 * time by Redis' own clock in Unix ms, and can be repeated without counting twice. A limit of -1 means none.
 */
import { Script } from './script.ts';

const NOW = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;

/**
 * keys: grant past usage; args: document, signatures of grant and past, expiry of grant and past. Returns 1, or 0 if the id is taken.
 */
export const CREATE = new Script(`
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3]) > 0 then return 0 end
for i = 1, 2 do
  redis.call('HSET', KEYS[i], 'document', ARGV[1], 'signature', ARGV[1 + i])
  redis.call('PEXPIREAT', KEYS[i], ARGV[3 + i])
end
redis.call('HSET', KEYS[3], 'since', redis.call('TIME')[1])
redis.call('PEXPIREAT', KEYS[3], ARGV[4])
return 1
`);

/**
 * keys: grant past usage sessions who leases; args: signature that is there now, document, signatures of grant and past,
 * expiry of grant and past. Returns 1, or 0 if another is there, or none: it was extended, or is over.
 */
export const EXTEND = new Script(`
if redis.call('HGET', KEYS[1], 'signature') ~= ARGV[1] then return 0 end
for i = 1, 2 do
  redis.call('HSET', KEYS[i], 'document', ARGV[2], 'signature', ARGV[2 + i])
  redis.call('PEXPIREAT', KEYS[i], ARGV[4 + i])
end
for i = 3, 6 do redis.call('PEXPIREAT', KEYS[i], ARGV[5]) end
return 1
`);

/**
 * keys: document with its signature; args: signature that is there now (empty: none), document, signature, expiry.
 * Returns 1, or 0 if another is there: somebody was faster.
 */
export const REPLACE = new Script(`
if (redis.call('HGET', KEYS[1], 'signature') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'document', ARGV[2], 'signature', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
return 1
`);

/**
 * keys: grant sessions usage who leases; args: signature session expiresAt connections logins lifetime info.
 * Returns `admitted` or the cause of a refusal. `lifetime` is how long (ms) the session counts without a heartbeat.
 */
export const ADMIT = new Script(`
${NOW}
local session, expires = ARGV[2], tonumber(ARGV[3])
local connections, logins = tonumber(ARGV[4]), tonumber(ARGV[5])
if expires <= now then return 'expired' end
local signature = redis.call('HGET', KEYS[1], 'signature')
if not signature then return 'revoked' end
if signature ~= ARGV[1] or redis.call('HEXISTS', KEYS[3], 'since') == 0 then return 'tampered' end
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZREM', KEYS[2], dead)
  redis.call('HDEL', KEYS[4], dead, 'ended:' .. dead)
  redis.call('HDEL', KEYS[5], dead)
end
if redis.call('ZSCORE', KEYS[2], session) then return 'admitted' end
if connections >= 0 and redis.call('ZCARD', KEYS[2]) >= connections then return 'connection-limit' end
if logins >= 0 and tonumber(redis.call('HGET', KEYS[3], 'logins') or 0) >= logins then return 'login-limit' end
redis.call('HINCRBY', KEYS[3], 'logins', 1)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[6]), session)
redis.call('HSET', KEYS[4], session, ARGV[7])
redis.call('PEXPIREAT', KEYS[2], expires)
redis.call('PEXPIREAT', KEYS[4], expires)
return 'admitted'
`);

/**
 * keys: grant sessions who; args: signature lifetime (0: no heartbeat) session...
 * Returns `{"gone"}`, `{"changed"}` where another document is there, or `{"held", session, "ended" | "lost", by, ...}` with the sessions that must not go on.
 */
export const CHECK = new Script(`
${NOW}
local signature = redis.call('HGET', KEYS[1], 'signature')
if not signature then return {'gone'} end
if signature ~= ARGV[1] then return {'changed'} end
local lifetime = tonumber(ARGV[2])
local reply = {'held'}
local function push(...) for _, item in ipairs({...}) do reply[#reply + 1] = item end end
for i = 3, #ARGV do
  local ended = redis.call('HGET', KEYS[3], 'ended:' .. ARGV[i])
  if ended then push(ARGV[i], 'ended', ended)
  elseif not redis.call('ZSCORE', KEYS[2], ARGV[i]) then push(ARGV[i], 'lost', '')
  end
  if lifetime > 0 then redis.call('ZADD', KEYS[2], 'XX', now + lifetime, ARGV[i]) end
end
return reply
`);

/** keys: sessions usage who; args: session refund (0 or 1). Gives the slot back, and once the login if refunded. */
export const RELEASE = new Script(`
local held = redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1], 'ended:' .. ARGV[1])
if held == 1 and ARGV[2] == '1' and tonumber(redis.call('HGET', KEYS[2], 'logins') or 0) > 0 then
  redis.call('HINCRBY', KEYS[2], 'logins', -1)
end
return held
`);

/** keys: sessions who; args: session field value. Writes the field if the session is open; returns whether it is. */
export const NOTE = new Script(`
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
`);

/**
 * keys: grant usage leases sessions; args: session number expiresAt, then for rows, bytes and statements each
 * need, chunk and limit. Takes all that is needed or nothing; somewhat more than needed while much is left.
 * Returns `{"leased", rows, bytes, statements}`, `{"spent", sessions that hold leases}` or `{"gone"}`.
 */
export const LEASE = new Script(`
${NOW}
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[2], 'since') == 0 then return {'gone'} end
local names = {'rows', 'bytes', 'statements'}
local take, spent = {}, false
for i, name in ipairs(names) do
  local need, chunk, limit = tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3])
  take[i] = 0
  if limit >= 0 and need > 0 then
    local taken = math.max(0, tonumber(redis.call('HGET', KEYS[2], name) or 0))
    local left = limit - taken
    if left < need then spent = true end
    take[i] = math.min(left, math.max(need, math.min(chunk, math.floor(left / 8))))
  end
end
if spent then
  local holders = 0
  for _, session in ipairs(redis.call('HKEYS', KEYS[3])) do
    local deadline = redis.call('ZSCORE', KEYS[4], session)
    if session ~= ARGV[1] and deadline and tonumber(deadline) > now then holders = holders + 1 end
  end
  return {'spent', holders}
end
for i, name in ipairs(names) do
  if take[i] > 0 then redis.call('HINCRBY', KEYS[2], name, take[i]) end
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[3], ARGV[3])
return {'leased', take[1], take[2], take[3]}
`);

/**
 * keys: usage leases; args: session number rows bytes statements. Gives back what the session has not used. Only once
 * per lease, also if the call is repeated: budget given back twice would be delivered twice.
 */
export const GIVE_BACK = new Script(`
local newest = tonumber(redis.call('HGET', KEYS[2], ARGV[1]))
if not newest or newest > tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('HEXISTS', KEYS[1], 'since') == 0 then return 0 end
for i, name in ipairs({'rows', 'bytes', 'statements'}) do
  local unused = tonumber(ARGV[2 + i])
  if unused > 0 then redis.call('HINCRBY', KEYS[1], name, -unused) end
end
return 1
`);

/**
 * keys: rate; args: ms between requests in the long run, how many may come at once. The generic cell rate algorithm (ITU-T
 * I.371): Returns 0 and counts the request, or the ms until one would be let through.
 */
export const PACE = new Script(`
${NOW}
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local even = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local wait = math.ceil(even - now - (burst - 1) * interval)
if wait > 0 then return wait end
redis.call('SET', KEYS[1], even + interval, 'PX', math.ceil(even + interval - now) + 1)
return 0
`);
