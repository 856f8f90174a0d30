/** The Lua behind EventQueue. Each script works on the keys of one receiver (see eventKeys). */
import { Script } from '../script.ts';

const NOW = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`;

/**
 * keys: due lane; args: name of the lane, entry, most lanes, most in one, ms that it is kept. Returns 1, or 0 if there is no
 * room. A lane that waits for its next attempt, or is at it, goes on waiting.
 */
export const ADD = new Script(`
${NOW}
local length = redis.call('LLEN', KEYS[2])
if length >= tonumber(ARGV[4]) then return 0 end
if length == 0 and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`);

/**
 * keys: due attempts; args: ms that the claim lasts, ms that attempts are kept. Returns `{lane, end of the claim, number of
 * the attempt}`, or nothing. Whoever has a claim is alone with its lane until it ends.
 */
export const CLAIM = new Script(`
${NOW}
local lane = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
if not lane then return {} end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), lane)
local attempt = redis.call('HINCRBY', KEYS[2], lane, 1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {lane, now + tonumber(ARGV[1]), attempt}
`);

/**
 * keys: due attempts lane; args: name of the lane, end of the claim, entry (empty: there was none), ms until the next
 * attempt or -1: the entry is done with. Returns 1, or 0 if the claim has ended and the lane is somebody else's.
 */
export const SETTLE = new Script(`
${NOW}
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or -1) ~= tonumber(ARGV[2]) then return 0 end
if tonumber(ARGV[4]) >= 0 then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
  return 1
end
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('LINDEX', KEYS[3], 0) == ARGV[3] then redis.call('LPOP', KEYS[3]) end
if redis.call('LLEN', KEYS[3]) > 0 then redis.call('ZADD', KEYS[1], now, ARGV[1])
else redis.call('ZREM', KEYS[1], ARGV[1]) end
return 1
`);
