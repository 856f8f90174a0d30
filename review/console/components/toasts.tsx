/** Short messages of what was done, in a corner; read out as they come. */
import { signal } from '@preact/signals';
import { visible } from '../text/visible.ts';

type Tone = 'good' | 'bad';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: Tone;
}

/** ms that one is shown. */
const SHOWN = 6_000;
const MOST = 4;

const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function tell(text: string, tone: Tone = 'good'): void {
  const id = ++last;
  toasts.value = [...toasts.peek(), { id, text, tone }].slice(-MOST);
  setTimeout(() => {
    toasts.value = toasts.peek().filter((toast) => toast.id !== id);
  }, SHOWN);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone }) => (
        <div key={id} class="toast" data-tone={tone}>
          {visible(text)}
        </div>
      ))}
    </div>
  );
}
