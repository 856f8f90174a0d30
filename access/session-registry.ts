import { z } from 'zod';
import { sendControl } from './control.ts';
import { grantKeys, INDEX_KEY, type RedisClient, whenReady } from './redis.ts';
import { NOTE } from './scripts.ts';
import type { Signer } from './signing.ts';

const sessionInfo = z.strictObject({
  session: z.string(),
  grant: z.string(),
  principal: z.string(),
  database: z.string(),
  /** `ip:port` */
  client: z.string(),
  application: z.string().nullable(),
  /** The process that serves it. */
  node: z.string(),
  /** ISO 8601 UTC. */
  since: z.string(),
  /** Process id of the upstream's backend; null until the upstream is connected. */
  backendPid: z.int().nullable(),
});

/** One open session, as its process describes it. For people: nothing is decided by it. */
export type SessionInfo = Readonly<z.infer<typeof sessionInfo>>;

/** Who is connected, on all nodes. */
export class SessionRegistry {
  readonly #redis: RedisClient;
  readonly #signer: Signer;

  constructor(redis: RedisClient, signer: Signer) {
    this.#redis = redis;
    this.#signer = signer;
  }

  /** Open sessions of all active grants, or of one, oldest first. */
  async list(grant?: string): Promise<readonly SessionInfo[]> {
    await whenReady(this.#redis);
    const grants = grant === undefined ? await this.#redis.zrangebyscore(INDEX_KEY, '-inf', '+inf') : [grant];
    const sessions = (await Promise.all(grants.map((id) => this.#ofGrant(id)))).flat();
    return sessions.sort((a, b) => a.since.localeCompare(b.since));
  }

  async find(session: string): Promise<SessionInfo | null> {
    return (await this.list()).find((info) => info.session === session) ?? null;
  }

  /**
   * Ends a session on whichever node it is; `by` is who wants it. The message reaches it at once; the note that is left
   * in Redis does where the message is lost. False if it is not open.
   */
  async end({ session, grant }: SessionInfo, by: string): Promise<boolean> {
    const keys = grantKeys(grant);
    const noted = await NOTE.run(this.#redis, {
      keys: [keys.sessions, keys.who],
      args: [session, `ended:${session}`, by],
    });
    if (noted !== 1) return false;
    await sendControl(this.#redis, this.#signer, { type: 'end', session, by });
    return true;
  }

  /** Replaces what is known of an open session. */
  async describe(info: SessionInfo): Promise<void> {
    const keys = grantKeys(info.grant);
    await NOTE.run(this.#redis, {
      keys: [keys.sessions, keys.who],
      args: [info.session, info.session, JSON.stringify(info)],
    });
  }

  /** Sessions past their deadline are of processes that died. */
  async #ofGrant(id: string): Promise<SessionInfo[]> {
    const keys = grantKeys(id);
    const open = await this.#redis.zrangebyscore(keys.sessions, Date.now(), '+inf');
    if (open.length === 0) return [];
    const texts = await this.#redis.hmget(keys.who, ...open);
    return texts.flatMap((text) => readInfo(text) ?? []);
  }
}

function readInfo(text: string | null): SessionInfo | null {
  if (text === null) return null;
  try {
    return sessionInfo.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
