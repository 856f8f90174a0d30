import { OwnRedis } from '../../server/embedded/redis.ts';

/**
 * A private redis-server for one test file: empty, in memory, on a free port; gone when the test process ends.
 * Also `pause`, `resume` (freeze: no answers), `stop`, `restart` (same port, empty) and `flush`.
 */
export function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
  return OwnRedis.start(settings);
}
