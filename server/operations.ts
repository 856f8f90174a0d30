/** The HTTP side of operations: liveness, readiness, metrics. */
import type { Address } from './config-fields.ts';
import { createHttpServer, listen as listenOn } from './http-server.ts';

export interface OperationsParts {
  /** Prometheus text of all processes of this node. */
  readonly metrics: () => Promise<string>;
  /** Databases whose grants are not enforced; /readyz names them. */
  readonly observed: readonly string[];
  /** Everything a new session needs, by name, and whether it is there. */
  readonly readiness: () => Promise<Readonly<Record<string, boolean>>>;
  /** Names of what sessions can do without. */
  readonly dispensable: readonly string[];
  /** Told of a request that could not be answered. */
  readonly failed: (fault: Error) => void;
}

export interface Operations {
  readonly port: number;
  close(): Promise<void>;
}

/** ms that a request may take to arrive. */
const ARRIVAL = 10_000;

/** Serves /healthz (this process answers), /readyz (503 with what is missing; 200 and `degraded` where sessions can do without it) and /metrics. */
export async function startOperations(listen: Address, parts: OperationsParts): Promise<Operations> {
  const server = createHttpServer({ tls: null, arrival: ARRIVAL, failed: parts.failed });
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const checks = await parts.readiness();
    const missing = Object.keys(checks).filter((name) => !checks[name]);
    const ready = missing.every((name) => parts.dispensable.includes(name));
    const status = missing.length === 0 ? 'ready' : ready ? 'degraded' : 'not ready';
    return reply.code(ready ? 200 : 503).send({ status, checks, observed: parts.observed });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metrics()),
  );
  const port = await listenOn(server, listen);
  return { port, close: () => server.close() };
}
