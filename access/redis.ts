import { Cluster, Redis, type RedisOptions } from 'ioredis';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is. `tls` with a `ca` (PEM) trusts that authority; without, the system's. */
export type RedisTarget = { readonly timeout?: number | undefined } & (
  | { readonly kind: 'single'; readonly url: string; readonly ca?: string | undefined }
  | ({
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisNode[];
      readonly master: string;
      readonly sentinelPassword?: string | undefined;
      readonly db?: number | undefined;
    } & RedisLogin)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] } & RedisLogin)
);

interface RedisLogin {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

export type RedisClient = Redis | Cluster;

/** Unless the target says otherwise: ms that a command may take, and that it waits for the connection it needs. */
const DEFAULT_TIMEOUT = 2000;

const timeouts = new WeakMap<RedisClient, number>();

/**
 * A connection that fails fast and never repeats a command by itself: our scripts move budgets and login counts, and
 * a script that ran twice, or ran long after its caller gave up, would get them wrong.
 */
function bounded(timeout: number) {
  return {
    commandTimeout: timeout,
    connectTimeout: 2 * timeout,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
  } as const satisfies RedisOptions;
}

/** Milliseconds until the next attempt: soon at first, never more than half a second apart. */
const retryDelay = (attempt: number): number => Math.min(20 * attempt, 500);

/** Opens a connection in the background; `whenReady` waits for it. `onError` hears of faults between commands. */
export function connectRedis(target: RedisTarget, onError: (error: Error) => void): RedisClient {
  const timeout = target.timeout ?? DEFAULT_TIMEOUT;
  const redis = open(target, timeout);
  timeouts.set(redis, timeout);
  redis.on('error', onError);
  redis.setMaxListeners(0); // each command that waits for the connection listens
  return redis;
}

function open(target: RedisTarget, timeout: number): RedisClient {
  const common = { ...bounded(timeout), enableOfflineQueue: false, retryStrategy: retryDelay };
  switch (target.kind) {
    case 'single':
      return new Redis(target.url, target.ca === undefined ? common : { ...common, tls: { ca: target.ca } });
    case 'sentinel':
      return new Redis({
        ...common,
        ...login(target),
        sentinels: target.nodes.map((node) => ({ ...node })),
        name: target.master,
        sentinelRetryStrategy: retryDelay,
        ...(target.sentinelPassword !== undefined && { sentinelPassword: target.sentinelPassword }),
        ...(target.tls && { enableTLSForSentinelMode: true, sentinelTLS: { ...target.tls } }),
        ...(target.db !== undefined && { db: target.db }),
      });
    case 'cluster':
      return new Cluster(
        target.nodes.map((node) => ({ ...node })),
        {
          enableOfflineQueue: false,
          clusterRetryStrategy: retryDelay,
          redisOptions: { ...bounded(timeout), ...login(target) },
        },
      );
  }
}

function login({ username, password, tls }: RedisLogin) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: { ...tls } }),
  };
}

export function timeoutOf(redis: RedisClient): number {
  return timeouts.get(redis) ?? DEFAULT_TIMEOUT;
}

/** Resolves when commands can be sent; rejects if they still can't after the target's timeout. */
export function whenReady(redis: RedisClient): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      reject(new Error('Redis is out of reach'));
    }, timeoutOf(redis));
    const ready = (): void => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', ready);
  });
}

/** Orders the grants by expiry (Unix ms), for listing. Not signed: each grant it names is verified by itself. */
export const INDEX_KEY = 'postern:grants';

/** Orders access requests by when they were asked (Unix ms). Not signed: each is verified by itself. */
export const REQUESTS_KEY = 'postern:requests';

/**
 * Of these, those with which something is still to be done, by when that is due (Unix ms): pending ones, and emergencies
 * that nobody has reviewed. Not signed either; it may hold some that are done.
 */
export const OPEN_REQUESTS_KEY = 'postern:requests:open';

/** HASH document, signature: one access request, for as long as its history is kept. */
export const requestKey = (id: string): string => `postern:{${id}}:request`;

/** The keys of what one receiver of events is still to be sent: see EventQueue. In one slot of a Cluster. */
export function eventKeys(receiver: string) {
  const key = (what: string): string => `postern:{events:${receiver}}:${what}`;
  return {
    /** ZSET of lanes by when the first of each is to be tried next (Unix ms of Redis). */
    due: key('due'),
    /** HASH lane -> how often its first has been tried. */
    attempts: key('attempts'),
    /** LIST of what is to be sent in this lane, one after another. */
    lane: (name: string): string => key(`lane:${name}`),
  };
}

/** STRING: id of the request that a grant has come of. Not signed: the request says which grant that is. */
export const askedKey = (grant: string): string => `postern:{${grant}}:asked`;

/** Orders held statements by when they were held (Unix ms). Not signed: each is verified by itself. */
export const HOLDS_KEY = 'postern:holds';

/** HASH document, signature: one held statement, for a day longer than it may wait. */
export const holdKey = (id: string): string => `postern:{${id}}:hold`;

/** The keys of one grant. The hash tag keeps them in one slot of a Cluster, so that a script may use them together. */
export interface GrantKeys {
  /** HASH document, signature: the grant. Lives as long as the grant. */
  readonly grant: string;
  /** The same under another signature, for a day longer: gives no access, but lets its holder be told why not. */
  readonly past: string;
  /** HASH since, logins, rows, bytes, statements: taken so far. Without it the grant admits nobody. */
  readonly usage: string;
  /** ZSET of open sessions by their deadline (Unix ms of Redis); a session past it is dead. */
  readonly sessions: string;
  /** HASH of what `session list` shows, by session; and `ended:<session>` where a reviewer ended one. */
  readonly who: string;
  /** HASH session -> number of its newest lease, while it holds some of a budget. */
  readonly leases: string;
  /** ZSET of the statements that wait for a reviewer, by their deadline (Unix ms of Redis). */
  readonly holds: string;
  /** STRING: when its requests to models are spread evenly again, Unix ms. */
  readonly rate: string;
}

export function grantKeys(id: string): GrantKeys {
  const key = (what: string): string => `postern:{${id}}:${what}`;
  return {
    grant: key('grant'),
    past: key('past'),
    usage: key('usage'),
    sessions: key('sessions'),
    who: key('who'),
    leases: key('leases'),
    holds: key('holds'),
    rate: key('rate'),
  };
}
