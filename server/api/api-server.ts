/**
 * The HTTP API of a node: in the primary where there are workers, so that what it is asked costs sessions nothing. It has a
 * stream of its own in the spool, and models of its own.
 *
 *   api-route, route-table       a route as data, and how it comes to be served
 *   authenticator, api-door      who asks: of requests and accounts by login or token; of models by grant
 *   refusal-book, refusals       what is refused, to whom, and in which words
 *   people-routes                all that people, services and agents do
 *   model-route, score-route,
 *   triage-route                 the models
 */
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AccessHandle, createAccess } from '../../access/access.ts';
import { connectPrincipals, type Principals } from '../../access/accounts/principals.ts';
import type { AuditEvent } from '../../audit/events.ts';
import { Spool } from '../../audit/spool.ts';
import type { TrailSource } from '../../audit/trail-source.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config.ts';
import type { ApiConfig } from '../config-api.ts';
import { configFingerprint } from '../config-fingerprint.ts';
import { Outbox } from '../events/outbox.ts';
import { receiversOf } from '../events/receiver.ts';
import { createHttpServer, listen } from '../http-server.ts';
import { LatencyBook } from '../latency-book.ts';
import { mockSecret } from '../mock-secret.ts';
import type { PolicySource } from '../policy/policy-source.ts';
import { ModelHost } from '../risk/model-host.ts';
import { PromotedModel } from '../risk/promoted.ts';
import { checkpointKey } from '../store/checkpoint-key.ts';
import type { StoreState } from '../store/store-state.ts';
import { TrailCheck } from '../trail-check.ts';
import { openTrailSource } from '../trail-source.ts';
import { KnownRelations } from '../triage/known-relations.ts';
import { RequestTriage } from '../triage/request-triage.ts';
import { ApiDoor } from './api-door.ts';
import { ApiMetrics } from './api-metrics.ts';
import { addApiReference } from './api-reference.ts';
import { addConsole } from './console-files.ts';
import { followPolicy } from './follow-policy.ts';
import { PROVIDER_LOGIN } from './oidc-routes.ts';
import { addDescription, describeRoutes } from './openapi.ts';
import { peopleRoutes } from './people-routes.ts';
import { notNow } from './refusals.ts';
import { addRoutes, requireDescription } from './route-table.ts';
import { addScoreRoute } from './score-route.ts';
import { addTriageRoute } from './triage-route.ts';

/** Name of its stream in the spool. */
const STREAM = 'api';
/** ms for an answer of the model: nobody's statement waits for it. */
const PATIENCE = 4_000;

export interface RunningApi {
  readonly api: ApiServer;
  readonly port: number;
  /** With which the first account can be made; null: there is one. */
  readonly firstAdmin: string | null;
}

export interface ApiParts {
  readonly logger: Logger;
  /** Metrics of those who serve sessions, as Prometheus text. */
  readonly workers: () => Promise<string>;
  /** How the way into the store goes; null: there is none. */
  readonly store: () => StoreState | null;
}

interface OpenedParts extends Pick<ApiParts, 'logger' | 'store'> {
  readonly triage: RequestTriage;
  readonly latencies: LatencyBook;
}

export class ApiServer {
  readonly #http: FastifyInstance;
  readonly #spool: Spool;
  readonly #source: TrailSource;
  readonly #check: TrailCheck;
  readonly #latencies: LatencyBook;
  readonly #store: ApiParts['store'];
  readonly #handle: AccessHandle;
  readonly #outbox: Outbox;
  readonly #principals: Principals;
  readonly #policy: PolicySource;
  readonly #triage: RequestTriage;
  readonly #relations: KnownRelations;
  readonly #metrics = new ApiMetrics(new Registry());
  readonly #model: ModelHost | null;
  readonly #promoted: PromotedModel | null;

  /** Resolves when it listens. Rejects if it can't, or if its spool, its policy or a model can't be opened. */
  static async start(
    config: Config,
    api: ApiConfig,
    { logger, workers, store }: ApiParts,
  ): Promise<RunningApi> {
    const triage = await RequestTriage.open(config, (message) => logger.warn(message));
    const latencies = new LatencyBook({ metrics: workers });
    const server = new ApiServer(config, api, { logger, store, triage, latencies });
    try {
      // With an identity provider it is that which has admins.
      const firstAdmin = api.oidc === null ? await server.#offerAccount() : null;
      return { api: server, port: await server.#listen(api, config), firstAdmin };
    } catch (fault) {
      await server.close();
      throw fault;
    }
  }

  private constructor(config: Config, api: ApiConfig, { logger, store, triage, latencies }: OpenedParts) {
    const { risk, redis, signingKey } = config;
    this.#triage = triage;
    this.#latencies = latencies;
    this.#store = store;
    this.#relations = new KnownRelations(config.databases);
    this.#spool = Spool.open({
      directory: config.audit.spool,
      node: config.node,
      stream: STREAM,
      fsync: config.audit.fsync,
      onFault: (fault) => logger.error({ err: fault }, 'the audit spool cannot be written'),
    });
    this.#source = openTrailSource(config);
    this.#check = new TrailCheck({
      ...{ spool: config.audit.spool, store: config.audit.store },
      keys: [checkpointKey(config.audit).publicKey, ...config.audit.checkpointKeys],
      ended: ({ by, ok, events, streams }) => {
        const broken = streams.flatMap(({ firstBreak }) => firstBreak?.place ?? []);
        return this.#keep({ type: 'trail.verify', by, ok, events, broken });
      },
    });
    this.#policy = followPolicy(
      config.policy,
      (event) => void this.#keep(event).catch(() => undefined),
      logger,
    );
    this.#metrics.following(this.#policy);
    const warn = (message: string): void => logger.warn(message);
    const issuing = { redis, signingKey, record: (event: AuditEvent) => this.#keep(event), warn };
    this.#handle = createAccess({ ...issuing, node: `${config.node}/${STREAM}`, grace: config.limits.grace });
    this.#outbox = new Outbox({ receivers: receiversOf(config), queue: this.#handle.events, logger });
    this.#principals = connectPrincipals(issuing);
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
    this.#addRoutes(config, api, warn);
  }

  /** A code for the first account; null: there is one, or it can't be told. */
  #offerAccount(): Promise<string | null> {
    return this.#principals.firstAdmin.offer().catch(() => null);
  }

  /** Prometheus text. */
  metrics(): Promise<string> {
    return this.#metrics.registry.metrics();
  }

  async close(): Promise<void> {
    await this.#http.close();
    this.#latencies.close();
    await this.#check.close();
    await this.#source.close();
    this.#policy.close();
    await this.#triage.close();
    await this.#relations.close();
    await this.#promoted?.close();
    await this.#model?.close();
    await this.#outbox.settled();
    this.#principals.close();
    this.#handle.close();
    this.#spool.append({ type: 'node.stop' });
    await this.#spool.commit();
    await this.#spool.close();
  }

  #addRoutes(config: Config, api: ApiConfig, warn: (message: string) => void): void {
    const { risk } = config;
    const trail = this.#spool;
    const refused = (cause: string): void => this.#metrics.refused(cause);
    const { routes, authenticator, cookies, hub } = peopleRoutes({
      ...{ config, api, handle: this.#handle, principals: this.#principals },
      ...{ policy: this.#policy, triage: this.#triage, relations: this.#relations },
      ...{ check: this.#check, storeState: async () => this.#store(), latencies: this.#latencies },
      ...{ trail, source: this.#source, record: (event: AuditEvent) => this.#keep(event), refused, warn },
    });
    this.#http.addHook('preClose', async () => hub.close());
    const door = new ApiDoor({
      handle: this.#handle,
      trail,
      mockSecret: mockSecret(config.signingKey),
      perMinute: api.requestsPerMinute,
      refused,
    });
    // HSTS would be for the host's other ports, too.
    this.#http.register(helmet, { contentSecurityPolicy: NOTHING_FROM_ANYWHERE, hsts: false });
    this.#http.register(cookie);
    describeRoutes(this.#http, cookies);
    this.#http.register((server) =>
      addConsole(server, { providerLogin: api.oidc === null ? null : PROVIDER_LOGIN, warn }),
    );
    this.#http.register(addApiReference);
    this.#http.register(async (server) => {
      server.addHook('onRoute', requireDescription);
      addRoutes(server, routes, { authenticator, reachable: () => this.#principals.reachable() });
      if (risk !== null && this.#model !== null)
        addScoreRoute(server, { door, trail, risk, model: this.#model });
      addTriageRoute(server, { door, trail, host: this.#triage.host });
      addDescription(server);
    });
  }

  /** INVARIANT: in the trail before anything follows from it. */
  async #keep(event: AuditEvent): Promise<void> {
    this.#spool.append(event);
    if (!(await this.#spool.commit())) throw notNow('the audit trail cannot be written');
    this.#outbox.note(event);
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

const NOTHING_FROM_ANYWHERE = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
};
