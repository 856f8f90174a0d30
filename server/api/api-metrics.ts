import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Bucket bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

export class ApiMetrics {
  readonly registry: Registry;
  readonly #requests: Counter<'route' | 'status'>;
  readonly #seconds: Histogram;
  readonly #refused: Counter<'cause'>;

  constructor(registry: Registry) {
    this.registry = registry;
    const registers = [registry];
    this.#requests = new Counter({
      name: 'postern_api_requests_total',
      help: 'Requests of the HTTP API, by route and status.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'postern_api_seconds',
      help: 'Time from the head of a request to its answer.',
      buckets: BUCKETS,
      registers,
    });
    this.#refused = new Counter({
      name: 'postern_api_refused_total',
      help: 'Requests that were refused, by cause.',
      labelNames: ['cause'],
      registers,
    });
  }

  /** Whether the policy file is what decides. */
  following(policy: { readonly refusal: string | null }): void {
    new Gauge({
      name: 'postern_policy_refused',
      help: '1: the policy file can not be used as it is now, and the policy before it decides.',
      registers: [this.registry],
      collect() {
        this.set(policy.refusal === null ? 0 : 1);
      },
    });
  }

  refused(cause: string): void {
    this.#refused.inc({ cause });
  }

  /** Counts what a server answers. Paths are labels only where they are routes: the others are anybody's. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', async (request, reply) => {
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      this.#requests.inc({ route, status: `${reply.statusCode}` });
      this.#seconds.observe(reply.elapsedTime / 1000);
    });
  }
}
