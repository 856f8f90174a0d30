/** Numbers beside the entries of the menu: what waits for somebody. */
import { computed, type ReadonlySignal } from '@preact/signals';
import { alarmsWaiting } from '../state/alarms.ts';
import { emergencies, pendingRequests } from '../state/requests.ts';
import { openSessions } from '../state/sessions.ts';

const none = computed(() => 0);

const BADGES: Readonly<Record<string, ReadonlySignal<number>>> = {
  '/': computed(() => openSessions.value.length),
  '/flags': alarmsWaiting,
  '/requests': computed(() => pendingRequests.value.length + emergencies.value.length),
};

export const badgeOf = (path: string): ReadonlySignal<number> => BADGES[path] ?? none;
