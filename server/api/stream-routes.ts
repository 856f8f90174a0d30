/** GET /v1/stream. */
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../access/accounts/principal.ts';
import type { EventMessage, LiveHub } from '../live/live-hub.ts';
import type { LiveSessions, SessionChanges } from '../live/live-sessions.ts';
import { ServerSent } from '../live/server-sent.ts';
import { type ApiRoute, route } from './api-route.ts';
import type { Authenticator } from './authenticator.ts';
import type { EventOwners } from './event-owners.ts';
import { slowDown } from './refusal-book.ts';
import { notNow } from './refusals.ts';
import type { ShownSession } from './shown-sessions.ts';
import { type StreamMessage, streamQuery, type Topic } from './stream-schema.ts';
import { mayTouch, OVERSEERS, ownsSession } from './visibility.ts';

export interface StreamRouteParts {
  readonly hub: LiveHub;
  readonly sessions: LiveSessions;
  readonly owners: EventOwners;
  readonly authenticator: Pick<Authenticator, 'stillStands'>;
}

/** Each holds a connection. */
const MOST_STREAMS = 200;
const MOST_STREAMS_OF_ONE = 16;
/** ms between beats, at each of which the login is looked at. */
const BEAT = 2_000;

export function streamRoutes({
  hub,
  sessions,
  owners,
  authenticator,
}: StreamRouteParts): readonly ApiRoute[] {
  const open = new Map<ServerSent, string>();

  const stream = route(
    ['requester', ...OVERSEERS],
    {
      ...{ method: 'GET', url: '/v1/stream', operationId: 'stream', query: streamQuery },
      summary:
        'What happens, as server-sent events, until your login is over: of what is yours, or of all. Last-Event-ID goes on.',
    },
    async ({ principal, request, reply, query: { topics, session = null } }) => {
      if (open.size >= MOST_STREAMS) throw notNow('too many listen');
      if ([...open.values()].filter((id) => id === principal.id).length >= MOST_STREAMS_OF_ONE)
        throw slowDown('you listen too often at one time', BEAT);
      const body = new ServerSent();
      open.set(body, principal.id);
      const listener = new StreamListener(body, principal, { topics: new Set(topics), session, owners });
      const stop = hub.listen(listener);
      const beats = setInterval(() => void beat(body, request, principal), BEAT);
      body.once('close', () => {
        stop();
        clearInterval(beats);
        open.delete(body);
      });
      reply.type('text/event-stream');
      begin(listener, request);
      return reply.send(body);
    },
  );

  /** What is open, and what came while the connection was lost. */
  function begin(listener: StreamListener, { headers }: FastifyRequest): void {
    if (listener.topics.has('sessions') && sessions.all !== null) listener.allSessions(sessions.all);
    const last = headers['last-event-id'];
    if (typeof last !== 'string') return;
    const missed = hub.since(last);
    if (missed === null) listener.missed();
    else for (const { message, id } of missed) void listener.event(message, id);
  }

  async function beat(body: ServerSent, request: FastifyRequest, principal: Principal): Promise<void> {
    const stands = await authenticator.stillStands(request, principal).catch(() => false);
    if (stands) return body.beat();
    body.send('end', { kind: 'end', why: 'the login is over' } satisfies StreamMessage);
    body.finish();
  }

  return [stream];
}

interface Wanted {
  readonly topics: ReadonlySet<Topic>;
  readonly session: string | null;
  readonly owners: EventOwners;
}

/** One client's part of what happens. */
class StreamListener {
  readonly #body: ServerSent;
  readonly #principal: Principal;
  readonly #wanted: Wanted;
  #told: Promise<void> = Promise.resolve();

  constructor(body: ServerSent, principal: Principal, wanted: Wanted) {
    this.#body = body;
    this.#principal = principal;
    this.#wanted = wanted;
  }

  get topics(): ReadonlySet<Topic> {
    return this.#wanted.topics;
  }

  #tell(message: StreamMessage, id?: string): void {
    this.#body.send(message.kind, message, id);
  }

  /** One after another, in the order of the calls. */
  event(message: EventMessage, id: string): Promise<void> {
    this.#told = this.#told.then(() => this.#event(message, id));
    return this.#told;
  }

  missed(): void {
    this.#tell({ kind: 'reset', why: 'what came meanwhile is not known here' });
  }

  async #event(message: EventMessage, id: string): Promise<void> {
    const { topics, session, owners } = this.#wanted;
    if (!topics.has(message.topic) || (session !== null && !belongsTo(message, session))) return;
    if (await owners.sees(this.#principal, message.event)) this.#tell(message, id);
  }

  allSessions(sessions: readonly ShownSession[]): void {
    this.#tell({ kind: 'sessions', sessions: sessions.filter((each) => this.#sees(each)) });
  }

  sessions({ first, opened, counted, closed }: SessionChanges): void {
    if (first) return this.allSessions(opened);
    for (const session of opened) if (this.#sees(session)) this.#tell({ kind: 'session.opened', session });
    const counts = counted.filter(({ session }) => this.#sees(session)).map((each) => each.counts);
    if (counts.length > 0) this.#tell({ kind: 'session.counts', counts });
    for (const session of closed)
      if (this.#sees(session)) this.#tell({ kind: 'session.closed', session: session.session });
  }

  #sees(session: ShownSession): boolean {
    const principal = this.#principal;
    return mayTouch(principal, session, { owns: ownsSession(principal, session), roles: OVERSEERS });
  }
}

/** Requests and grants are of no session. */
function belongsTo({ topic, event }: EventMessage, session: string): boolean {
  if (topic === 'requests' || topic === 'grants') return true;
  if (event.type === 'risk.verdict') return event.alarm.startsWith(`${session}-`);
  return 'session' in event && event.session === session;
}
