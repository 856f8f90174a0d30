/** Grants in force, for what a session does not say itself: why. */
import { signal } from '@preact/signals';
import type { Grant } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { on } from './stream.ts';

/** By id. */
export const grants = signal<ReadonlyMap<string, Grant>>(new Map());
/** Whether the list has come. */
export const grantsLoaded = signal(false);

/** ms between an event and the next look, so that many at once are one. */
const PAUSE = 500;

async function load(): Promise<void> {
  const answer = await get<{ readonly grants: readonly Grant[] }>('/v1/grants');
  grants.value = new Map(answer.grants.map((grant) => [grant.id, grant]));
  grantsLoaded.value = true;
}

/** Until what it returns is called. What is missed by a failed request comes with the next event. */
export function followGrants(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (): void => void load().catch(() => undefined);
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(again, PAUSE);
  };
  again();
  const ends = [
    on('event', ({ topic }) => {
      if (topic === 'grants') soon();
    }),
    on('sessions', soon),
    on('session.opened', ({ session }) => {
      if (!grants.peek().has(session.grant)) soon();
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
