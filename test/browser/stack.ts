/** The whole product for one file of browser tests: the demo's shop behind Postern, its API with the console, and people. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Role } from '../../access/accounts/principal.ts';
import { connectPrincipals, type Principals } from '../../access/accounts/principals.ts';
import type { GrantTermsInput } from '../../access/grant.ts';
import { buildConsole } from '../../scripts/build-console.mjs';
import { createShop, SHOP } from '../../server/demo/shop.ts';
import type { OwnPostgres } from '../../server/embedded/postgres.ts';
import { type Postern, startPostern } from '../helpers/postern.ts';
import { startPostgres } from '../helpers/postgres.ts';

const SIGNING_KEY = 'a signing key of the browser tests';
export const PASSWORD = 'correct horse battery staple';
/** Name of the database that is the audit store. */
const STORE = 'trail';
/** ms; a busy machine is no failure. */
const PATIENCE = 60_000;
const TTL = 30 * 60_000;

/** Everybody who logs in, by name. */
const PEOPLE: Readonly<
  Record<string, { readonly roles: readonly Role[]; readonly groups: readonly string[] }>
> = {
  dba: { roles: ['reviewer', 'auditor'], groups: ['leads'] },
  alice: { roles: ['requester'], groups: [] },
};

export interface StackOptions {
  /** Further keys of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The trail is shipped to an audit store, which is another database of the same server. */
  readonly store?: boolean;
}

export class Stack {
  readonly node: Postern;
  readonly principals: Principals;
  readonly url: string;
  readonly #stop: () => Promise<void>;

  static async start({ config = {}, store = false }: StackOptions = {}): Promise<Stack> {
    await buildConsole();
    const postgres = await startPostgres();
    const url = await createShop(postgres);
    if (store) await onServer(postgres, `CREATE DATABASE ${STORE}`);
    const node = await startPostern({
      postgres,
      databases: { [SHOP]: url },
      signingKey: SIGNING_KEY,
      ...(store && { store: postgres.url(STORE) }),
      config: {
        api: { listen: '127.0.0.1:0', requestsPerMinute: 60_000 },
        policy: new URL('../../server/demo/policy.yaml', import.meta.url).pathname,
        // Everything unusual is worth an alarm here.
        risk: { timeout: '60s', thresholds: { flag: 0 } },
        ...config,
      },
    });
    const stack = new Stack(node, async () => {
      await node.stop();
      await postgres.stop();
    });
    for (const [id, { roles, groups }] of Object.entries(PEOPLE))
      await stack.principals.accounts.add(
        { id, password: PASSWORD, roles, groups, teams: ['support'] },
        'the tests',
      );
    return stack;
  }

  private constructor(node: Postern, stop: () => Promise<void>) {
    this.node = node;
    this.url = `http://127.0.0.1:${node.apiPort}`;
    this.#stop = stop;
    this.principals = connectPrincipals({
      redis: { kind: 'single', url: node.redis.url },
      signingKey: SIGNING_KEY,
      record: () => {},
    });
  }

  /** Alice's, to read the shop, unless the terms say otherwise. Returns a connection string. */
  async grant(terms: Partial<GrantTermsInput> = {}): Promise<{ readonly id: string; readonly url: string }> {
    const { grant, token } = await this.node.issuer.store.create(
      {
        principal: { id: 'alice', teams: ['support'] },
        database: SHOP,
        scope: [{ actions: ['select'], on: ['public.*', '!public.payments'] }],
        limits: { rowsPerStatement: 1000, rows: 20_000, bytes: 5_000_000 },
        reason: 'customer of order 4312 asks where the parcel is',
        ticket: 'INC-4312',
        approvedBy: ['dba'],
        ...terms,
      },
      TTL,
      'dba',
    );
    return { id: grant.id, url: `postgresql://${grant.id}:${token}@127.0.0.1:${this.node.port}/${SHOP}` };
  }

  /** Of a login of theirs, as the console has it. */
  async cookie(account: string): Promise<string> {
    const { accounts, logins } = this.principals;
    const epoch = (await accounts.get(account))?.epoch ?? 1;
    const source = { via: 'password', principal: account, epoch } as const;
    const { secret } = await logins.begin(source, { idle: TTL, absolute: TTL });
    return `postern=${secret}`;
  }

  /** Whether the store lets anybody in; who is in it is thrown out. */
  async openStore(open: boolean): Promise<void> {
    await onServer(this.node.postgres, `ALTER DATABASE ${STORE} ALLOW_CONNECTIONS ${open}`);
    if (!open)
      await onServer(
        this.node.postgres,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${STORE}'`,
      );
  }

  async stop(): Promise<void> {
    this.principals.close();
    await this.#stop();
  }
}

async function onServer(postgres: OwnPostgres, sql: string): Promise<void> {
  const client = new pg.Client(postgres.url());
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** A psql that somebody types at. */
export class Psql {
  readonly #child: ChildProcess;
  #printed = '';

  constructor(url: string) {
    this.#child = spawn('psql', ['-X', '-q', '-A', '-t', url], { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text;
      });
    this.#child.stdin!.on('error', () => {}); // it may be gone before it has read all
  }

  /** Resolves when it has been run. */
  async run(sql: string): Promise<void> {
    const mark = `done ${Math.random()}`;
    this.#child.stdin!.write(`${sql}\n\\echo ${mark}\n`);
    await this.printed(mark);
  }

  /** Waits until it has printed that; rejects where it ends without. */
  async printed(text: string | RegExp): Promise<string> {
    const until = performance.now() + PATIENCE;
    while (!(typeof text === 'string' ? this.#printed.includes(text) : text.test(this.#printed))) {
      if (this.#child.exitCode !== null) throw new Error(`psql ended, having printed: ${this.#printed}`);
      if (performance.now() > until) throw new Error(`psql has printed only: ${this.#printed}`);
      await sleep(20);
    }
    return this.#printed;
  }

  /** Writes without waiting. */
  type(sql: string): void {
    this.#child.stdin!.write(`${sql}\n`);
  }

  async quit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin!.end();
    await once(this.#child, 'exit');
  }
}
