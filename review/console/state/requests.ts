/** Requests that somebody has to do something about: a decision, or a look at an emergency afterwards. */
import { signal } from '@preact/signals';
import type { AccessRequest, Answers } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { on } from './stream.ts';

/** Those that expire first before the others. */
export const pendingRequests = signal<readonly AccessRequest[]>([]);
/** Approved ones that nobody has reviewed yet. */
export const emergencies = signal<readonly AccessRequest[]>([]);
/** Grows whenever a request may have changed. */
export const requestsChanged = signal(0);

/** ms between an event and the next look, so that many at once are one, and the API's pace for lists is kept. */
const PAUSE = 2_000;

async function load(): Promise<void> {
  const list = async (query: Readonly<Record<string, string>>): Promise<readonly AccessRequest[]> =>
    (await get<Answers['listRequests']>('/v1/requests', { ...query, limit: 999 })).requests;
  const [pending, toReview] = await Promise.all([list({ state: 'pending' }), list({ toReview: 'true' })]);
  pendingRequests.value = pending.toSorted((one, other) => endOf(one).localeCompare(endOf(other)));
  emergencies.value = toReview;
}

const endOf = ({ state }: AccessRequest): string => (state.kind === 'pending' ? state.expiresAt : '');

/** Until what it returns is called. What is missed by a failed request comes with the next event. */
export function followRequests(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (): void => {
    requestsChanged.value++;
    load().catch(() => undefined);
  };
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      again();
    }, PAUSE);
  };
  again();
  const ends = [
    on('event', ({ topic }) => {
      if (topic === 'requests') soon();
    }),
    on('sessions', soon),
    on('reset', soon),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
