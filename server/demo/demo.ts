/**
 * `postern demo`: a sample shop behind Postern, all of it private to this process and gone with it.
 *
 *   demo.ts    the servers and the proxy between them
 *   shop.ts    the sample database (shop.sql)
 *   tour.ts    what is granted, and what to try; policy.yaml: what can be had by asking
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Config, loadConfig } from '../config.ts';
import { freePort, isFree } from '../embedded/free-port.ts';
import { privateDirectory } from '../embedded/own-user.ts';
import { OwnPostgres } from '../embedded/postgres.ts';
import { Reaper } from '../embedded/reaper.ts';
import { OwnRedis } from '../embedded/redis.ts';
import { startServer } from '../start.ts';
import { createShop, SHOP } from './shop.ts';

/** Where the proxy listens if nothing else does. */
const USUAL_PORT = 6432;
/** The database that the trail is kept in, beside the sample's. */
const STORE = 'postern_audit';

export interface DemoOptions {
  /** The proxy's port; default: 6432, or another if that is taken. */
  readonly port?: number;
  /** The embedded PostgreSQL's port; default: a free one. */
  readonly postgresPort?: number;
  /** Hears of each step as it begins. */
  readonly progress?: (step: string) => void;
}

export interface Demo {
  /** Of the file that other commands can be run with. */
  readonly config: Config;
  readonly metricsPort: number | null;
  readonly apiPort: number | null;
  /** The way around the proxy: the superuser's connection string. */
  readonly directUrl: string;
  stop(): Promise<void>;
}

/** Throws when a server does not start; what has started then ends with this process. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const progress = options.progress ?? (() => {});
  progress('starting PostgreSQL and Redis');
  const { postgresPort } = options;
  const [postgres, redis] = await Promise.all([
    OwnPostgres.start(postgresPort === undefined ? {} : { port: postgresPort }),
    OwnRedis.start(),
  ]);
  progress('loading the sample shop');
  const shopUrl = await createShop(postgres);
  progress('starting Postern');
  const directory = privateDirectory('postern-demo-', null);
  const reaper = new Reaper(directory);
  await postgres.query(`create database ${STORE}`);
  const urls = { redis: redis.url, shop: shopUrl, store: postgres.url(STORE) };
  const config = loadConfig(writeConfig(directory, await choosePort(options.port), urls));
  const server = await startServer(config, { inProcess: true });
  return {
    config,
    metricsPort: server.metricsPort,
    apiPort: server.apiPort,
    directUrl: postgres.url(SHOP),
    stop: async () => {
      await server.close();
      await Promise.all([postgres.stop(), redis.stop(), reaper.release()]);
    },
  };
}

async function choosePort(asked: number | undefined): Promise<number> {
  return asked ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : await freePort());
}

/** The way a real configuration is read, so that the other commands work with the file. */
function writeConfig(
  directory: string,
  port: number,
  { redis, shop, store }: { readonly redis: string; readonly shop: string; readonly store: string },
): string {
  const file = join(directory, 'postern.yaml');
  const config = {
    node: 'demo',
    listen: `127.0.0.1:${port}`,
    redis,
    signingKey: randomBytes(32).toString('hex'),
    databases: { [SHOP]: { url: shop } },
    audit: { spool: join(directory, 'audit'), store },
    policy: 'policy.yaml',
    metrics: { listen: '127.0.0.1:0' },
    api: { listen: '127.0.0.1:0' },
    drainTimeout: '1s',
    logLevel: 'error',
  };
  copyFileSync(new URL('./policy.yaml', import.meta.url), join(directory, 'policy.yaml'));
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
