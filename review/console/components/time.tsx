import { useComputed } from '@preact/signals';
import { now } from '../state/clock.ts';
import { absolute, clock, relative } from '../text/durations.ts';

/** How long ago; when, on hover. */
export function TimeAgo({ at }: { readonly at: string }) {
  const moment = Date.parse(at);
  const words = useComputed(() => relative(moment, now.value));
  return (
    <time dateTime={at} title={absolute(moment)}>
      {words}
    </time>
  );
}

/** How long until then; `done` once it is past. */
export function Countdown({ to, done }: { readonly to: string; readonly done: string }) {
  const moment = Date.parse(to);
  const words = useComputed(() => (moment > now.value ? clock(moment - now.value) : done));
  return (
    <time class="number" dateTime={to} title={absolute(moment)}>
      {words}
    </time>
  );
}

/** How long since then. */
export function CountUp({ from }: { readonly from: string }) {
  const moment = Date.parse(from);
  const words = useComputed(() => clock(now.value - moment));
  return (
    <time class="number" dateTime={from} title={absolute(moment)}>
      {words}
    </time>
  );
}
