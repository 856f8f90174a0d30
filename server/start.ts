/**
 * One node: worker processes that serve and a primary that watches over them, or a single process that does it all.
 * Workers share the listening socket; each has its own stream in the spool and its own connection to Redis.
 */
import cluster, { type Worker } from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { AggregatorRegistry } from 'prom-client';
import { ApiServer, type RunningApi } from './api/api-server.ts';
import type { Config } from './config.ts';
import { observedDatabases } from './database-terms.ts';
import { Housekeeping } from './housekeeping.ts';
import { createLog } from './log.ts';
import { ProxyMetrics } from './metrics.ts';
import { type Operations, type OperationsParts, startOperations } from './operations.ts';
import { ProxyProcess } from './proxy-process.ts';
import { TrailKeeping } from './store/trail-keeping.ts';
import {
  askWorker,
  greeted,
  onCatalogChanged,
  type WorkerAnswer,
  type WorkerQuestion,
} from './worker-messages.ts';

export interface RunningServer {
  /** Where it listens; the one asked for, or the one chosen for port 0. */
  readonly port: number;
  readonly metricsPort: number | null;
  readonly apiPort: number | null;
  /** Where the first account can be made for some minutes, with a code that is good once; null: there is one. */
  readonly firstAdmin: string | null;
  /** Drain and stop. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Serve from this very process, whatever the configuration says of workers. */
  readonly inProcess?: boolean;
}

/** A worker that dies sooner than this after its start is not started again at once, ms. */
const RESTART_DELAY = 1000;

/** For the primary, the parser, the models and the kernel: who shares a core with them serves fewer, later. */
const SPARED_CORES = 1;

/** @throws Error if it can't listen, open the spool, or start its workers */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const workers =
    config.workers === 'auto' ? Math.max(1, availableParallelism() - SPARED_CORES) : config.workers;
  return options.inProcess || workers === 1 ? startSingle(config) : startWorkers(config, workers);
}

async function startSingle(config: Config): Promise<RunningServer> {
  const metrics = new ProxyMetrics();
  const logger = createLog(config, 'w1');
  const process = new ProxyProcess(config, { stream: 'w1', logger, metrics });
  const opening = async () => {
    const port = await process.listen();
    const doors = await openDoors(config, logger, {
      metrics: () => metrics.registry.metrics(),
      readiness: () => process.readiness(),
    });
    return { port, doors };
  };
  const { port, doors } = await orClose(opening, () => process.close());
  return {
    port,
    ...doors.ports,
    close: async () => {
      await doors.closeApi();
      await process.close();
      await doors.closeLast();
    },
  };
}

async function startWorkers(config: Config, count: number): Promise<RunningServer> {
  const logger = createLog(config, 'primary');
  const registry = new AggregatorRegistry();
  cluster.setupPrimary({ exec: new URL('./worker.ts', import.meta.url).pathname, silent: false });
  const crew = new Set<Worker>();
  /** Of the crew, those that have started: the others answer nothing yet. */
  const serving = new Set<Worker>();
  let closing = false;
  let port = config.listen.port;

  const start = async (stream: string): Promise<void> => {
    const worker = cluster.fork();
    crew.add(worker);
    const startedAt = Date.now();
    worker.once('exit', (code, signal) => {
      crew.delete(worker);
      serving.delete(worker);
      if (closing) return;
      logger.error({ stream, code, signal }, 'a worker died; starting another');
      const delay = Math.max(0, RESTART_DELAY - (Date.now() - startedAt));
      setTimeout(() => {
        if (!closing) start(stream).catch((fault: unknown) => logFault(logger, stream, fault));
      }, delay);
    });
    const tellOthers = (news: WorkerQuestion): Promise<unknown> => {
      const others = [...serving].filter((other) => other !== worker);
      return Promise.allSettled(others.map((other) => askWorker(other, news)));
    };
    onCatalogChanged(worker, (change) => tellOthers({ kind: 'catalog-changed', change }));
    const { pid } = worker.process;
    if (pid !== undefined) worker.once('exit', () => tellOthers({ kind: 'worker-died', pid }));
    await greeted(worker);
    const answer = await askWorker(worker, { kind: 'start', stream, config }).catch((fault: unknown) => {
      worker.kill('SIGKILL'); // it serves nobody; its death has it started again
      throw fault;
    });
    serving.add(worker);
    if (answer.kind === 'listening') port = answer.port;
  };

  const stopAll = async (): Promise<void> => {
    closing = true;
    for (const worker of crew) if (!serving.has(worker)) worker.kill('SIGKILL');
    await Promise.all([...serving].map(stop));
  };

  const opening = async () => {
    // One after another: the first binds the socket that all share, also for port 0 (node:cluster).
    for (let i = 1; i <= count; i++) await start(`w${i}`);
    return openDoors(config, logger, {
      metrics: () => registry.clusterMetrics(),
      readiness: async () => combine(await Promise.all([...serving].map(ready)), serving.size === count),
    });
  };
  const doors = await orClose(opening, stopAll);
  return {
    port,
    ...doors.ports,
    close: async () => {
      await doors.closeApi();
      await stopAll();
      await doors.closeLast();
    },
  };
}

/** What has been opened is closed again if the rest can't be: else its sockets would keep the process alive. */
async function orClose<T>(open: () => Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await open();
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** What a node serves besides the proxy. */
interface Doors {
  readonly ports: Pick<RunningServer, 'metricsPort' | 'apiPort' | 'firstAdmin'>;
  closeApi(): Promise<void>;
  /** When the proxy is closed, too: what it has written is kept as it should be. */
  closeLast(): Promise<void>;
}

async function openDoors(
  config: Config,
  logger: Logger,
  parts: Pick<OperationsParts, 'metrics' | 'readiness'>,
): Promise<Doors> {
  const keeping = new TrailKeeping(config, logger);
  const time = new Housekeeping(config, logger);
  const running = await orClose(
    async () =>
      config.api &&
      (await ApiServer.start(config, config.api, {
        logger,
        workers: parts.metrics,
        store: () => keeping.store,
      })),
    async () => {
      await time.close();
      await keeping.close();
    },
  );
  const closeApi = async (): Promise<void> => {
    await running?.api.close();
    await time.close();
  };
  const metrics = async (): Promise<string> =>
    (
      await Promise.all([parts.metrics(), time.metrics(), keeping.metrics(), running?.api.metrics() ?? ''])
    ).join('');
  const failed = (fault: Error): void => logger.error({ err: fault }, 'a request for operations failed');
  const operations = await orClose(
    () => openOperations(config, { ...parts, metrics, failed }),
    async () => {
      await closeApi();
      await keeping.close();
    },
  );
  return {
    ports: {
      metricsPort: operations?.port ?? null,
      apiPort: running?.port ?? null,
      firstAdmin: running && firstAdminUrl(config, running),
    },
    closeApi,
    closeLast: async () => {
      await keeping.close();
      await operations?.close();
    },
  };
}

/** The code is behind the `#`, which browsers send to nobody. */
function firstAdminUrl({ api, tls }: Config, { port, firstAdmin }: RunningApi): string | null {
  if (api === null || firstAdmin === null) return null;
  const origin = api.baseUrl ?? `${tls === null ? 'http' : 'https'}://${api.listen.host}:${port}`;
  return `${origin}/bootstrap#${firstAdmin}`;
}

async function openOperations(
  { metrics: wanted, risk, ...config }: Config,
  { metrics, readiness, failed }: Pick<OperationsParts, 'metrics' | 'readiness' | 'failed'>,
): Promise<Operations | null> {
  if (wanted === null) return null;
  return startOperations(wanted.listen, {
    metrics,
    readiness,
    failed,
    observed: observedDatabases(config),
    dispensable: risk?.onFailure === 'allow' ? ['risk'] : [],
  });
}

async function ready(worker: Worker): Promise<Readonly<Record<string, boolean>>> {
  const answer: WorkerAnswer | null = await askWorker(worker, { kind: 'ready?' }).catch(() => null);
  return answer?.kind === 'readiness' ? answer.checks : { workers: false };
}

function combine(
  all: readonly Readonly<Record<string, boolean>>[],
  workers: boolean,
): Record<string, boolean> {
  const combined: Record<string, boolean> = { workers };
  for (const checks of all) {
    for (const [name, ok] of Object.entries(checks)) combined[name] = ok && combined[name] !== false;
  }
  return combined;
}

async function stop(worker: Worker): Promise<void> {
  if (worker.isDead()) return;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await askWorker(worker, { kind: 'stop' }).catch(() => worker.kill('SIGKILL'));
  await exited;
}

function logFault(logger: Logger, stream: string, fault: unknown): void {
  logger.error({ err: fault, stream }, 'a worker could not be started');
}
