/** The Lua of held statements; see ../scripts.ts. */
import { Script } from '../script.ts';

/**
 * keys: holds of a grant; args: id, ms that it waits, how many may wait at once. Returns 1, or 0 if so many wait. Those
 * of processes that died count until their time is over.
 */
export const RESERVE = new Script(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wait = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now + wait, ARGV[1])
if redis.call('PTTL', KEYS[1]) < wait then redis.call('PEXPIRE', KEYS[1], wait) end
return 1
`);

/** keys: document with its signature; args: signature. Removes it; returns 1, or 0 if another is there. */
export const REMOVE = new Script(`
if (redis.call('HGET', KEYS[1], 'signature') or '') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);
