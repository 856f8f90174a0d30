/** `postern serve` where it can't: it says why in one line, and ends. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startRedis } from '../helpers/redis.ts';

const COMMAND = new URL('../../bin/postern', import.meta.url).pathname;
const PATIENCE = 20_000;

const redis = await startRedis();
const directory = mkdtempSync(join(tmpdir(), 'postern-serve-'));
const blocker = createServer().listen(0, '127.0.0.1');
await once(blocker, 'listening');
const taken = `127.0.0.1:${(blocker.address() as AddressInfo).port}`;
writeFileSync(join(directory, 'file'), '');
test.after.always(async () => {
  blocker.close();
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  /** null: it had to be killed. */
  readonly code: number | null;
  readonly stderr: string;
}

let configs = 0;
function serve(config: Readonly<Record<string, unknown>>): Promise<Ended> {
  const number = ++configs;
  const file = join(directory, `${number}.yaml`);
  const whole = {
    listen: '127.0.0.1:0',
    redis: redis.url,
    signingKey: 'a key of thirty-two characters...',
    databases: { shop: { url: 'postgresql://postern:hidden-word@127.0.0.1:1/shop' } },
    audit: { spool: join(directory, `${number}`) },
    metrics: null,
    logLevel: 'error',
    ...config,
  };
  writeFileSync(file, JSON.stringify(whole));
  return new Promise((resolve) => {
    const child = execFile(
      COMMAND,
      ['serve', '--config', file],
      { timeout: PATIENCE },
      (_fault, _out, stderr) => resolve({ code: child.exitCode, stderr }),
    );
  });
}

const refuses = test.macro(
  async (
    t: ExecutionContext,
    config: Readonly<Record<string, unknown>>,
    code: number,
    says: RegExp,
  ): Promise<void> => {
    const ended = await serve(config);
    t.regex(ended.stderr, says);
    t.is(ended.code, code);
    t.notRegex(ended.stderr, /hidden-word/);
  },
);

for (const workers of [1, 2]) {
  const withWorkers = `with ${workers === 1 ? 'one process' : 'worker processes'}`;
  const inUse = /^postern: (listen|bind) EADDRINUSE[^\n]*\n$/;
  const noDirectory = /^postern: ENOTDIR[^\n]*\n$/;
  const spool = join(directory, 'file');
  test.serial(`the port is in use, ${withWorkers}`, refuses, { workers, listen: taken }, 1, inUse);
  test.serial(
    `the port for metrics is in use, ${withWorkers}`,
    refuses,
    { workers, metrics: { listen: taken } },
    1,
    inUse,
  );
  test.serial(
    `the spool is no directory, ${withWorkers}`,
    refuses,
    { workers, audit: { spool } },
    1,
    noDirectory,
  );
}
test.serial('the configuration has a fault', refuses, { nonsense: 1 }, 2, /nonsense: is not a known key\n$/);
