/** Everything one process needs to serve: opened in order, closed in reverse. */
import type { Logger } from 'pino';
import { type AccessHandle, createAccess } from '../access/access.ts';
import { Spool } from '../audit/spool.ts';
import packageJson from '../package.json' with { type: 'json' };
import { serverTls } from '../proxy/client-tls.ts';
import { ProxyServer } from '../proxy/proxy-server.ts';
import { Catalogs } from './catalogs.ts';
import type { Config } from './config.ts';
import { configFingerprint } from './config-fingerprint.ts';
import { observedDatabases, termsOf } from './database-terms.ts';
import { Outbox } from './events/outbox.ts';
import { receiversOf } from './events/receiver.ts';
import { type AnnouncedChange, Guards } from './guard.ts';
import { ReviewedHolds } from './holds.ts';
import { HoldsMetrics } from './holds-metrics.ts';
import type { ProxyMetrics } from './metrics.ts';
import { mockSecret } from './mock-secret.ts';
import { observingAccess } from './observing-access.ts';
import { Risk } from './risk/risk.ts';
import { NO_WATCHES } from './risk/risk-watches.ts';
import { RoleUpstreams } from './roles/role-upstreams.ts';

/** Connections that have not proven a token yet, in one process. */
const MAX_PENDING = 1000;

export interface ProcessOptions {
  /** Name of this process's stream in the spool; one process at a time may have it. */
  readonly stream: string;
  readonly logger: Logger;
  readonly metrics: ProxyMetrics;
  /** Told of databases whose catalog a session here has changed. */
  readonly announce?: (change: AnnouncedChange) => Promise<void>;
}

export class ProxyProcess {
  readonly #config: Config;
  readonly #spool: Spool;
  readonly #handle: AccessHandle;
  readonly #outbox: Outbox;
  readonly #catalogs: Catalogs;
  readonly #upstreams: RoleUpstreams;
  readonly #guards: Guards;
  readonly #risk: Risk | null;
  readonly #proxy: ProxyServer;

  /** @throws Error if the spool can't be opened or the certificate is none */
  constructor(config: Config, { stream, logger, metrics, announce }: ProcessOptions) {
    this.#config = config;
    this.#spool = Spool.open({
      directory: config.audit.spool,
      node: config.node,
      stream,
      fsync: config.audit.fsync,
      onFault: (fault) => logger.error({ err: fault }, 'the audit spool cannot be written'),
    });
    metrics.watchSpool(() => this.#spool.stats);
    this.#handle = createAccess({
      redis: config.redis,
      signingKey: config.signingKey,
      node: `${config.node}/${stream}`,
      grace: config.limits.grace,
      record: (event) => {
        this.#spool.append(event);
        this.#outbox.note(event);
      },
      warn: (message) => logger.warn(message),
    });
    this.#outbox = new Outbox({ receivers: receiversOf(config), queue: this.#handle.events, logger });
    const { access, store } = this.#handle;
    const databases = new Map(Object.entries(config.databases));
    this.#catalogs = new Catalogs(databases, logger);
    this.#upstreams = new RoleUpstreams({
      databases,
      signingKey: config.signingKey,
      grantOf: (ticket) => access.grantOf(ticket),
      loadCatalog: (database) => this.#catalogs.load(database),
      fate: {
        isRevoked: async (grant) =>
          (await store.get(grant)) === null && (await store.getPast(grant)) !== null,
        isActive: async (grant) => ((await store.get(grant))?.expiresAt ?? 0) > Date.now(),
      },
      record: (event) => {
        this.#spool.append(event);
        void this.#spool.commit();
      },
      count: (change) => metrics.roleChanged(change),
      logger,
    });
    access.onRevoked((grant) => this.#upstreams.revoked(grant));
    access.onExtended((grant) => this.#upstreams.extended(grant));
    const observed = observedDatabases(config);
    metrics.observing(observed);
    if (observed.length > 0)
      logger.warn(
        { databases: observed },
        'these databases are observed: what grants do not cover is let pass',
      );
    this.#guards = new Guards({
      catalogs: {
        load: (database) => this.#upstreams.load(database),
      },
      grantOf: (ticket) => access.grantOf(ticket),
      termsOf: (database) => termsOf(config, database),
      ...(announce && { announce }),
    });
    this.#risk =
      config.risk &&
      new Risk(config.risk, {
        registry: metrics.registry,
        habits: this.#handle.habits,
        models: this.#handle.models,
        verdicts: this.#handle.verdicts,
        logger,
        grantOf: (ticket) => access.grantOf(ticket),
        policy: config.policy,
        observes: (database) => observed.includes(database),
        record: (event) => this.#spool.append(event),
        revoke: (grant) => store.revoke(grant, 'the risk model'),
        tell: (message) => this.#outbox.send(message),
      });
    this.#proxy = new ProxyServer({
      access: observingAccess(access, new Set(observed)),
      guards: this.#guards,
      upstreams: this.#upstreams,
      risks: this.#risk?.watches ?? NO_WATCHES,
      holds: new ReviewedHolds({
        waiting: this.#handle.waiting,
        metrics: new HoldsMetrics(metrics.registry),
        grantOf: (ticket) => access.grantOf(ticket),
        termsOf: (database) => config.databases[database]!.hold,
      }),
      tls: config.tls && serverTls(config.tls.cert, config.tls.key),
      mockSecret: mockSecret(config.signingKey),
      trail: this.#spool,
      metrics,
      logger,
      timeoutMs: config.limits.startupTimeout,
      keepAliveMs: config.keepalive,
      limits: {
        maxMessageBytes: config.limits.messageBytes,
        maxStatementBytes: config.limits.statementBytes,
      },
      maxPending: MAX_PENDING,
    });
  }

  /** Resolves with the port. */
  async listen(): Promise<number> {
    this.#spool.append({
      type: 'node.start',
      version: packageJson.version,
      config: configFingerprint(this.#config),
    });
    await this.#spool.commit();
    this.#upstreams.start();
    await this.#risk?.start();
    return this.#proxy.listen(this.#config.listen.host, this.#config.listen.port);
  }

  /** Another process of the node announces it. */
  catalogChanged(change: AnnouncedChange): void {
    this.#guards.catalogChanged(change);
  }

  /** Another process of the node is gone. */
  processDied(pid: number): void {
    this.#guards.processDied(pid);
  }

  async readiness(): Promise<Readonly<Record<string, boolean>>> {
    return {
      redis: await this.#handle.reachable(),
      spool: this.#spool.writable,
      ...(this.#risk && { risk: this.#risk.ready }),
    };
  }

  /** Drain: no new sessions, open transactions may finish within the configured time. */
  async close(): Promise<void> {
    await this.#proxy.close(this.#config.drainTimeout);
    await this.#upstreams.close();
    await this.#risk?.close();
    await this.#outbox.settled();
    this.#handle.close();
    await this.#guards.close();
    await this.#catalogs.close();
    this.#spool.append({ type: 'node.stop' });
    await this.#spool.commit();
    await this.#spool.close();
  }
}
