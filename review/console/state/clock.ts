/** The time, in whole seconds, for all that counts up or down: one timer for the page, none while nobody looks. */
import { signal } from '@preact/signals';

/** Unix ms. */
export const now = signal(Date.now());

const tick = (): void => {
  if (!document.hidden) now.value = Date.now();
};

setInterval(tick, 1_000);
document.addEventListener('visibilitychange', tick);
