/** A whole node with its API for one test file, and people who look at it. */
import type { Role } from '../../../access/accounts/principal.ts';
import { connectPrincipals, type Principals } from '../../../access/accounts/principals.ts';
import type { AuditEvent } from '../../../audit/events.ts';
import { Spool } from '../../../audit/spool.ts';
import type { StreamMessage } from '../../../server/api/answers.ts';
import { type Postern, startPostern } from '../../helpers/postern.ts';

const SIGNING_KEY = 'a signing key of the tests, long enough';
const HOUR = 3_600_000;

/** What came by GET /v1/stream. */
export interface Heard {
  readonly id: string | null;
  readonly message: StreamMessage;
}

export class Reviewing {
  readonly postern: Postern;
  readonly principals: Principals;

  static async start(): Promise<Reviewing> {
    const config = { api: { listen: '127.0.0.1:0', requestsPerMinute: 60_000 } };
    return new Reviewing(await startPostern({ signingKey: SIGNING_KEY, config }));
  }

  private constructor(postern: Postern) {
    this.postern = postern;
    const redis = { kind: 'single', url: postern.redis.url } as const;
    this.principals = connectPrincipals({ redis, signingKey: SIGNING_KEY, record: () => {} });
  }

  get url(): string {
    return `http://127.0.0.1:${this.postern.apiPort}`;
  }

  /** The secret of a token of a service of that name. */
  async token(
    principal: string,
    roles: readonly Role[],
    databases: readonly string[] | null = null,
  ): Promise<string> {
    const form = {
      principal,
      kind: 'service',
      actsFor: null,
      roles,
      teams: [],
      groups: [],
      databases,
    } as const;
    return (await this.principals.tokens.create(form, HOUR, 'the tests')).secret;
  }

  /** Of a route that answers JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what a client gets is looked at as it comes
  async ask(token: string, path: string, body?: unknown): Promise<any> {
    const response = await this.fetch(token, path, body);
    return { status: response.status, ...((await response.json()) as object) };
  }

  async fetch(
    token: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, ...headers },
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Server-sent events until the caller has enough, or the node ends them. */
  async *listen(token: string, path: string, headers: Record<string, string> = {}): AsyncGenerator<Heard> {
    const { body, status } = await this.fetch(token, path, undefined, headers);
    if (status !== 200 || body === null) throw new Error(`answered ${status}`);
    let text = '';
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        yield { id: /^id: (.*)$/m.exec(block)?.[1] ?? null, message: JSON.parse(data) as StreamMessage };
      }
    }
  }

  /** Writes to the trail, as another process of the node would. */
  async write(stream: string, events: readonly AuditEvent[]): Promise<void> {
    const spool = Spool.open({ directory: this.postern.spool, node: 'test', stream, fsync: 'never' });
    for (const event of events) spool.append(event);
    await spool.commit();
    await spool.close();
  }

  async stop(): Promise<void> {
    this.principals.close();
    await this.postern.stop();
  }
}
