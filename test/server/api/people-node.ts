/** The API of a node for one test file, without a database: a private Redis, a policy, accounts and tokens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { createIssuer, type Issuer } from '../../../access/access.ts';
import type { ApiTokenForm } from '../../../access/accounts/api-token-store.ts';
import type { Role } from '../../../access/accounts/principal.ts';
import { connectPrincipals, type Principals } from '../../../access/accounts/principals.ts';
import type { SpooledEvent } from '../../../audit/events.ts';
import { readSpool } from '../../../audit/reader.ts';
import { ApiServer, type RunningApi } from '../../../server/api/api-server.ts';
import { loadConfig } from '../../../server/config.ts';
import type { OwnRedis } from '../../../server/embedded/redis.ts';
import { startRedis } from '../../helpers/redis.ts';

const SIGNING_KEY = 'a signing key of the tests, long enough';
export const PASSWORD = 'correct horse battery';
const HOUR = 3_600_000;

const POLICY = `
version: 1
rules:
  - name: support reads
    when: { teams: [support] }
    auto_approve: { allow: ["select:public.*"], ttl: 1h }
  - name: fires
    when: { emergency: true, onCall: true }
    auto_approve: { allow: ["update:public.orders"], ttl: 10m }
  - name: never payments
    when: { relations: [public.payments] }
    deny: Ask the finance team.
`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a client gets is looked at as it comes
  readonly body: any;
}

export interface Sent {
  readonly body?: unknown;
  /** An API token. */
  readonly token?: string;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class PeopleNode {
  readonly redis: OwnRedis;
  readonly client: Redis;
  readonly issuer: Issuer;
  readonly principals: Principals;
  /** The same, two hours ago. */
  readonly past: Principals;
  readonly url: string;
  /** With which the first account can be made. */
  readonly firstAdmin: string | null;
  readonly #directory: string;
  readonly #api: ApiServer;

  /** `api`: further keys of that part of the configuration; `database`: a connection string. */
  static async start(api: Readonly<Record<string, unknown>> = {}, port = 0): Promise<PeopleNode> {
    const redis = await startRedis();
    const directory = mkdtempSync(join(tmpdir(), 'postern-people-'));
    const file = join(directory, 'postern.yaml');
    writeFileSync(join(directory, 'policy.yaml'), POLICY);
    const url = 'postgresql://nobody@127.0.0.1:1/shop';
    writeFileSync(
      file,
      JSON.stringify({
        ...{ node: 'test', redis: redis.url, signingKey: SIGNING_KEY, policy: 'policy.yaml' },
        databases: { shop: { url }, crm: { url } },
        audit: { spool: 'audit' },
        risk: {},
        api: { listen: `127.0.0.1:${port}`, requestsPerMinute: 60_000, ...api },
      }),
    );
    const config = loadConfig(file, {});
    if (config.api === null) throw new TypeError('it has an API');
    const running = await ApiServer.start(config, config.api, {
      ...{ logger: pino({ level: 'silent' }), workers: async () => '', store: () => null },
    });
    return new PeopleNode(redis, directory, running);
  }

  private constructor(redis: OwnRedis, directory: string, { api, port, firstAdmin }: RunningApi) {
    this.redis = redis;
    this.#directory = directory;
    this.#api = api;
    this.firstAdmin = firstAdmin;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new Redis(redis.url);
    const { url } = redis;
    const options = {
      redis: { kind: 'single' as const, url, timeout: 20_000 },
      signingKey: SIGNING_KEY,
      record: () => {},
    };
    this.issuer = createIssuer(options);
    this.principals = connectPrincipals(options);
    this.past = connectPrincipals(options, () => Date.now() - 2 * HOUR);
  }

  async send(method: string, path: string, { body, token, cookie, headers }: Sent = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(cookie !== undefined && { cookie, 'postern-csrf': '1' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = isEndless(response) ? await closed(response) : await response.text();
    const json = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: json ? JSON.parse(text) : text,
    };
  }

  /** The secret of a token with these roles, of a service unless the form says otherwise. */
  async token(
    roles: readonly Role[],
    form: Partial<ApiTokenForm> = {},
    { tokens }: Principals = this.principals,
  ): Promise<string> {
    const { secret } = await tokens.create(
      {
        ...{ principal: `${roles.join('-')}-service`, kind: 'service', actsFor: null, roles },
        ...{ teams: ['support'], groups: [], databases: null },
        ...form,
      },
      HOUR,
      'the tests',
    );
    return secret;
  }

  /** An account of that name, with PASSWORD. */
  async account(id: string, roles: readonly Role[], groups: readonly string[] = []): Promise<void> {
    const membership = { roles, teams: ['support'], groups };
    await this.principals.accounts.add({ id, password: PASSWORD, ...membership }, 'the tests');
  }

  /** One without a password, which takes time to hash: for those whose logins are made by `cookie`. */
  async member(id: string, roles: readonly Role[]): Promise<void> {
    const { accounts } = this.principals;
    await accounts.disable(id, 'the tests');
    await accounts.assign(id, { roles, teams: ['support'], groups: [] }, 'the tests');
    await accounts.enable(id, 'the tests');
  }

  /** The cookie of a login that somebody has, without asking for the password. */
  async cookie(id: string, { logins }: Principals = this.principals): Promise<string> {
    const account = await this.principals.accounts.get(id);
    const source = { via: 'password', principal: id, epoch: account?.epoch ?? 1 } as const;
    const { secret } = await logins.begin(source, { idle: HOUR, absolute: HOUR });
    return `postern=${secret}`;
  }

  /** What is in the trail: everything is, before its answer. */
  async events(): Promise<readonly SpooledEvent[]> {
    const events: SpooledEvent[] = [];
    for await (const event of readSpool(join(this.#directory, 'audit'))) events.push(event);
    return events;
  }

  async stop(): Promise<void> {
    this.issuer.close();
    this.principals.close();
    this.past.close();
    this.client.disconnect();
    await this.#api.close();
    await this.redis.stop();
    rmSync(this.#directory, { recursive: true });
  }
}

const isEndless = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true;

async function closed({ body }: Response): Promise<string> {
  await body?.cancel();
  return '';
}
