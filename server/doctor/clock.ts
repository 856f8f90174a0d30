import type { Findings } from './finding.ts';

/** Grants end by the clocks of the proxy, of Redis and of PostgreSQL, ms. */
const TOLERANCE = 2_000;

/** Compares the clock that `read` asks (Unix ms) with this host's; what the question took is not held against it. */
export async function examineClock(findings: Findings, read: () => Promise<number>): Promise<void> {
  const before = Date.now();
  const theirs = await read();
  const after = Date.now();
  const ahead = theirs > after ? theirs - after : Math.min(theirs - before, 0);
  if (Math.abs(ahead) <= TOLERANCE) return;
  const seconds = (Math.abs(ahead) / 1000).toFixed(1);
  findings.warn(
    `its clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} this host's; grants end by all of them`,
  );
}
