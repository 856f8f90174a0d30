import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type AccessHandle, type AccessOptions, createAccess } from '../../access/access.ts';
import type { GrantTermsInput } from '../../access/grant.ts';
import type { RedisAdmission } from '../../access/redis-admission.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { EndSession, LoginFacts, Refusal } from '../../proxy/ports.ts';
import type { OwnRedis } from '../../server/embedded/redis.ts';
import { startRedis } from '../helpers/redis.ts';

export const SIGNING_KEY = 'a signing key of the tests, long enough';
export const MINUTE = 60_000;

export type ProcessOptions = Partial<AccessOptions> & { readonly timeout?: number };

/** A private Redis with any number of proxy processes on it, and a plain client to look at it and to attack it. */
export class Fixture {
  readonly redis: OwnRedis;
  readonly client: Redis;
  readonly events: AuditEvent[] = [];
  readonly warnings: string[] = [];
  readonly #handles: AccessHandle[] = [];
  #sessions = 0;

  static async start(): Promise<Fixture> {
    return new Fixture(await startRedis());
  }

  private constructor(redis: OwnRedis) {
    this.redis = redis;
    this.client = new Redis(redis.url);
    this.client.on('error', () => undefined);
  }

  /** One more process. It is patient with Redis (`timeout`, ms): the machine that runs the tests may be busy. */
  process({ timeout = 20_000, ...options }: ProcessOptions = {}): AccessHandle {
    const handle = createAccess({
      redis: { kind: 'single', url: this.redis.url, timeout },
      signingKey: SIGNING_KEY,
      record: (event) => void this.events.push(event),
      warn: (message) => void this.warnings.push(message),
      ...options,
    });
    this.#handles.push(handle);
    return handle;
  }

  login(grant: string, facts: Partial<LoginFacts> = {}): LoginFacts {
    this.#sessions += 1;
    const session = `s${this.#sessions}`;
    return {
      session,
      grant,
      database: 'shop',
      address: '127.0.0.1',
      port: 50_000,
      application: 'psql',
      ...facts,
    };
  }

  /** Find and admit, as the proxy does. */
  async enter(
    { access }: AccessHandle,
    grant: string,
    end: EndSession = () => undefined,
    facts: Partial<LoginFacts> = {},
  ): Promise<RedisAdmission | Refusal> {
    const ticket = await access.find(grant);
    if (!ticket) throw new Error(`no grant ${grant}`);
    return 'cause' in ticket ? ticket : await access.admit(ticket, this.login(grant, facts), end);
  }

  async stop(): Promise<void> {
    for (const handle of this.#handles) handle.close();
    this.client.disconnect();
    await this.redis.stop();
  }
}

export function terms(limits: GrantTermsInput['limits'] = {}): GrantTermsInput {
  return {
    principal: { id: 'alice', teams: ['support'] },
    database: 'shop',
    scope: [{ actions: ['select'], on: ['public.*', '!public.payments'] }],
    limits,
    reason: 'a look',
    ticket: 'INC-1',
    approvedBy: ['bob'],
  };
}

export function isAdmission(answer: RedisAdmission | Refusal): answer is RedisAdmission {
  return 'budget' in answer;
}

export function admitted(answer: RedisAdmission | Refusal): RedisAdmission {
  if (isAdmission(answer)) return answer;
  throw new Error(`refused: ${answer.error.message}`);
}

export function causeOf(answer: RedisAdmission | Refusal): string {
  return isAdmission(answer) ? 'admitted' : answer.cause;
}

/** Waits until `done`, at most `timeout` ms; returns the ms it took. */
export async function eventually(done: () => boolean, timeout = 60_000): Promise<number> {
  const start = performance.now();
  while (!done()) {
    if (performance.now() - start > timeout) throw new Error(`did not happen within ${timeout} ms`);
    await sleep(5);
  }
  return performance.now() - start;
}
