/** Redis and the audit spool. */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectRedis, type RedisTarget, whenReady } from '../../access/redis.ts';
import { examineClock } from './clock.ts';
import { type Finding, Findings, reason } from './finding.ts';

/** Free bytes below which somebody should look: without room no statement is let pass. */
const LITTLE_ROOM = 2 ** 30;

export async function examineRedis(target: RedisTarget): Promise<readonly Finding[]> {
  const findings = new Findings('redis');
  let fault: unknown = null;
  const redis = connectRedis(target, (error) => {
    fault = error;
  });
  try {
    await whenReady(redis);
    await examineClock(findings, async () => {
      const [seconds, microseconds] = await redis.time();
      return Number(seconds) * 1000 + Number(microseconds) / 1000;
    });
    findings.ok('answers');
  } catch (error) {
    findings.fail(`can't be reached: ${reason(fault ?? error)}`);
  } finally {
    redis.disconnect();
  }
  return findings.list;
}

export async function examineSpool(directory: string): Promise<readonly Finding[]> {
  const findings = new Findings('spool');
  const existing = await nearest(directory);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(existing);
    if (bavail * bsize < LITTLE_ROOM)
      findings.warn(`${existing} has less than a GiB of room; without room no statement is let pass`);
    findings.ok(`${directory} can be written to`);
  } catch (error) {
    findings.fail(`${existing} can't be written to: ${reason(error)}`);
  }
  return findings.list;
}

/** The directory, or the one above it in which it will be made. */
async function nearest(directory: string): Promise<string> {
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  return exists || dirname(directory) === directory ? directory : nearest(dirname(directory));
}
