import { hostname, userInfo } from 'node:os';
import { createIssuer, type Issuer } from '../access/access.ts';
import { GrantFormError } from '../access/grant.ts';
import type { RecordEvent } from '../access/grant-store.ts';
import type { AuditEvent } from '../audit/events.ts';
import { Spool } from '../audit/spool.ts';
import { type Config, configFile, loadConfig } from '../server/config.ts';
import { ConfigError } from '../server/config-document.ts';
import { Outbox } from '../server/events/outbox.ts';
import { receiversOf } from '../server/events/receiver.ts';
import { EXIT, ExitError } from './exit.ts';

/** Loads the configuration; its faults are a usage error. */
export function configOf(option: string | undefined): Config {
  try {
    return loadConfig(configFile(option));
  } catch (error) {
    throw error instanceof ConfigError ? new ExitError(EXIT.usage, error.message) : error;
  }
}

/** Runs `work` with the grants and sessions of a configuration, and lets go of them. What `record` takes, receivers are told of. */
export async function withIssuer<T>(
  config: Config,
  work: (issuer: Issuer, record: RecordEvent) => Promise<T>,
): Promise<T> {
  const trail = new Trail(config);
  let lastFault: string | null = null;
  const record: RecordEvent = async (event) => {
    await trail.record(event);
    outbox.note(event);
  };
  const issuer = createIssuer({
    redis: config.redis,
    signingKey: config.signingKey,
    record,
    warn: (message) => {
      lastFault = message;
    },
  });
  const logger = { error: (what: object, why: string) => console.error(why, JSON.stringify(what)) };
  const outbox = new Outbox({ receivers: receiversOf(config), queue: issuer.events, logger });
  try {
    return await work(issuer, record);
  } catch (error) {
    if (error instanceof GrantFormError || error instanceof RangeError)
      throw new ExitError(EXIT.usage, error.message);
    if (lastFault === null || error instanceof ExitError) throw error;
    throw new ExitError(EXIT.failed, `can't reach the grant store (redis in ${config.file}): ${lastFault}`);
  } finally {
    await outbox.settled();
    issuer.close();
    await trail.close();
  }
}

/** Writes one event to the audit trail. Throws ExitError when it can't be written. */
export async function recordEvent(config: Config, event: AuditEvent): Promise<void> {
  const trail = new Trail(config);
  try {
    await trail.record(event);
  } finally {
    await trail.close();
  }
}

/** Who runs this command, for the trail. */
export function operator(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** A stream of the audit trail of our own, opened with the first event. */
class Trail {
  readonly #config: Config;
  #spool: Spool | null = null;

  constructor(config: Config) {
    this.#config = config;
  }

  /** Throws when the event can't be written: a grant that is not in the trail is not made. */
  async record(event: AuditEvent): Promise<void> {
    this.#spool ??= this.#open();
    this.#spool.append(event);
    if (!(await this.#spool.commit())) throw this.#fault('see its disk and permissions');
  }

  async close(): Promise<void> {
    await this.#spool?.close();
  }

  #open(): Spool {
    const { audit, node } = this.#config;
    try {
      const { spool: directory, fsync } = audit;
      return Spool.open({ directory, node, stream: `cli-${process.pid}`, fsync });
    } catch (error) {
      throw this.#fault((error as Error).message);
    }
  }

  #fault(why: string): ExitError {
    return new ExitError(EXIT.failed, `can't write the audit trail in ${this.#config.audit.spool}: ${why}`);
  }
}
