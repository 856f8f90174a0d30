/** What happens, as it happens: one stream of server-sent events a page, for all of its parts. */
import { signal } from '@preact/signals';
import type { StreamMessage } from '../api/answers.ts';
import { withQuery } from '../api/client.ts';
import { lookWho } from './who.ts';

type Kind = StreamMessage['kind'];
type MessageOf<K extends Kind> = Extract<StreamMessage, { readonly kind: K }>;
type Listener = (message: StreamMessage) => void;

/** `resting`: nobody has looked at the page for a while, and browsers have few connections to a server. */
export const connection = signal<'opening' | 'open' | 'lost' | 'resting'>('opening');

const KINDS = Object.keys({
  sessions: true,
  'session.opened': true,
  'session.counts': true,
  'session.closed': true,
  event: true,
  reset: true,
  end: true,
} satisfies Record<Kind, true>) as readonly Kind[];

/** ms after which a lost connection is tried again, at first and at most. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** ms that a hidden page stays connected. */
const REST_AFTER = 60_000;

const listeners = new Map<Kind, Set<Listener>>();

/** Returns what ends it. */
export function on<K extends Kind>(kind: K, listener: (message: MessageOf<K>) => void): () => void {
  const those = listeners.get(kind) ?? new Set();
  listeners.set(kind, those.add(listener as Listener));
  return () => void those.delete(listener as Listener);
}

/** Connects until what it returns is called. */
export function follow(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retry = FIRST_RETRY;
  let over = false;

  const open = (): void => {
    if (over) return;
    connection.value = connection.peek() === 'lost' ? 'lost' : 'opening';
    source = openStream({}, dispatch);
    source.addEventListener('open', () => {
      retry = FIRST_RETRY;
      connection.value = 'open';
    });
    source.addEventListener('error', () => {
      close();
      connection.value = 'lost';
      timer = setTimeout(again, retry);
      retry = Math.min(retry * 2, LONGEST_RETRY);
    });
  };
  /** An event source does not tell why it failed: the login may be over. */
  const again = (): void => void lookWho().then(open, open);
  const close = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const rest = (): void => {
    close();
    connection.value = 'resting';
  };
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(rest, REST_AFTER);
    else if (source === null) open();
  };

  open();
  document.addEventListener('visibilitychange', look);
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', look);
    close();
  };
}

/** A stream of its own, for what one page alone wants. */
export function openStream(
  query: { readonly topics?: string; readonly session?: string },
  listener: Listener,
): EventSource {
  const source = new EventSource(withQuery('/v1/stream', query));
  for (const kind of KINDS)
    source.addEventListener(kind, ({ data }: MessageEvent<string>) => listener(JSON.parse(data)));
  return source;
}

function dispatch(message: StreamMessage): void {
  for (const listener of listeners.get(message.kind) ?? []) listener(message);
}
