/** Whether the screen is a phone's: the same width as in the styles. */
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 720px)');

export const smallScreen = signal(query.matches);

query.addEventListener('change', () => {
  smallScreen.value = query.matches;
});
