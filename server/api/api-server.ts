/**
 * The HTTP API of a node: in the primary where there are workers, so that what it is asked costs sessions nothing. It has a
 * stream of its own in the spool, and a model of its own.
 */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AccessHandle, createAccess } from '../../access/access.ts';
import { Spool } from '../../audit/spool.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import type { ApiConfig } from '../config-api.ts';
import { configFingerprint } from '../config-fingerprint.ts';
import { createHttpServer, listen } from '../http-server.ts';
import { mockSecret } from '../mock-secret.ts';
import { ModelHost } from '../risk/model-host.ts';
import { PromotedModel } from '../risk/promoted.ts';
import { ApiDoor } from './api-door.ts';
import { ApiMetrics } from './api-metrics.ts';
import { addScoreRoute } from './score-route.ts';

/** Name of its stream in the spool. */
const STREAM = 'api';
/** ms for an answer of the model: nobody's statement waits for it. */
const PATIENCE = 4_000;

export interface RunningApi {
  readonly api: ApiServer;
  readonly port: number;
}

export class ApiServer {
  readonly #http: FastifyInstance;
  readonly #spool: Spool;
  readonly #handle: AccessHandle;
  readonly #metrics = new ApiMetrics(new Registry());
  readonly #model: ModelHost | null;
  readonly #promoted: PromotedModel | null;

  /** Resolves when it listens. Rejects if it can't, or its spool can't be opened. */
  static async start(config: Config, api: ApiConfig, logger: Logger): Promise<RunningApi> {
    const server = new ApiServer(config, api, logger);
    try {
      return { api: server, port: await server.#listen(api, config) };
    } catch (fault) {
      await server.close();
      throw fault;
    }
  }

  private constructor(config: Config, api: ApiConfig, logger: Logger) {
    const { risk } = config;
    this.#spool = Spool.open({
      directory: config.audit.spool,
      node: config.node,
      stream: STREAM,
      fsync: config.audit.fsync,
      onFault: (fault) => logger.error({ err: fault }, 'the audit spool cannot be written'),
    });
    this.#handle = createAccess({
      redis: config.redis,
      signingKey: config.signingKey,
      node: `${config.node}/${STREAM}`,
      grace: config.limits.grace,
      record: (event) => this.#spool.append(event),
      warn: (message) => logger.warn(message),
    });
    this.#model = risk && new ModelHost({ timeout: Math.max(PATIENCE, risk.timeout), logger });
    this.#promoted =
      risk &&
      this.#model &&
      new PromotedModel({ store: this.#handle.models, model: this.#model, configured: risk.model, logger });
    this.#http = createHttpServer({
      tls: config.tls,
      arrival: config.limits.startupTimeout,
      failed: (fault) => logger.error({ err: fault }, 'a request of the API failed'),
    });
    this.#metrics.watch(this.#http);
    const door = new ApiDoor({
      handle: this.#handle,
      trail: this.#spool,
      mockSecret: mockSecret(config.signingKey),
      perMinute: api.requestsPerMinute,
      refused: (cause) => this.#metrics.refused(cause),
    });
    this.#http.register(swagger, { openapi: DESCRIPTION });
    this.#http.register(async (routes) => {
      if (risk !== null && this.#model !== null)
        addScoreRoute(routes, { door, trail: this.#spool, risk, model: this.#model });
      routes.get('/v1/openapi.json', { schema: { hide: true } }, () => routes.swagger());
    });
  }

  /** Prometheus text. */
  metrics(): Promise<string> {
    return this.#metrics.registry.metrics();
  }

  async close(): Promise<void> {
    await this.#http.close();
    await this.#promoted?.close();
    await this.#model?.close();
    this.#handle.close();
    this.#spool.append({ type: 'node.stop' });
    await this.#spool.commit();
    await this.#spool.close();
  }

  async #listen(api: ApiConfig, config: Config): Promise<number> {
    this.#spool.append({
      type: 'node.start',
      version: packageJson.version,
      config: configFingerprint(config),
    });
    await this.#spool.commit();
    await this.#promoted?.start();
    return listen(this.#http, api.listen);
  }
}

const DESCRIPTION = {
  openapi: '3.0.3',
  info: {
    title: 'Postern',
    description: "Postern's models, reached just in time: by a grant's token, within its limits, recorded.",
    version: packageJson.version,
  },
  components: {
    securitySchemes: {
      grant: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'GRANT.TOKEN: the user and the password of a grant, joined by a dot.',
      },
    },
  },
};
