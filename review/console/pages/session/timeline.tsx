/** A session from its beginning to its end: where statements are, what of them is notable, and where the replay is. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { theme } from '../../state/theme.ts';
import { clock, timeOfDay } from '../../text/durations.ts';
import { drawTimeline, HEIGHT } from './draw-timeline.ts';
import type { Column } from './session-columns.ts';

interface TimelineProps {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly columns: readonly Column[];
  /** Unix ms: where the replay is. */
  readonly at: number;
  readonly position: number;
  readonly total: number;
  /** Somebody moves it, by statements or to a time. */
  readonly go: (statement: number) => void;
  readonly goTo: (at: number) => void;
}

export function Timeline(props: TimelineProps) {
  const { from, to, at, position, total, go, goTo } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useDrawing(canvas, props);

  const point = (event: PointerEvent): void => {
    const { left, width } = canvas.current!.getBoundingClientRect();
    const share = Math.max(0, Math.min((event.clientX - left) / width, 1));
    goTo(from + share * (to - from));
  };
  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.round(total / 50));
    const moves: Readonly<Record<string, number>> = {
      ...{
        ArrowLeft: position - 1,
        ArrowRight: position + 1,
        ArrowDown: position - 1,
        ArrowUp: position + 1,
      },
      ...{ PageDown: position - page, PageUp: position + page, Home: 1, End: total },
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    go(next);
  };
  return (
    <div class="timeline">
      <div
        class="timeline-track"
        role="slider"
        tabIndex={0}
        aria-label="Where the replay is"
        aria-valuemin={1}
        aria-valuemax={total}
        aria-valuenow={position}
        aria-valuetext={`Statement ${position} of ${total}, at ${timeOfDay(at)}`}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && point(event)}
      >
        <canvas ref={canvas} height={HEIGHT} />
        <div class="timeline-cursor" style={{ left: `${(100 * (at - from)) / Math.max(1, to - from)}%` }} />
      </div>
      <div class="timeline-scale number">
        <span>{timeOfDay(from)}</span>
        <span>{clock(at - from)}</span>
        <span>{timeOfDay(to)}</span>
      </div>
    </div>
  );
}

/** Drawn again when it is resized, when the theme changes, and when there is more to show. */
function useDrawing(canvas: { current: HTMLCanvasElement | null }, props: TimelineProps): void {
  const { from, to, columns } = props;
  useLayoutEffect(() => {
    const drawn = canvas.current!;
    const redraw = (): void => drawTimeline(drawn, columns, { from, to });
    const resized = new ResizeObserver(redraw);
    resized.observe(drawn);
    return () => resized.disconnect();
  }, [from, to, columns, theme.value]);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => drawTimeline(canvas.current!, columns, { from, to });
    scheme.addEventListener('change', redraw);
    return () => scheme.removeEventListener('change', redraw);
  }, [from, to, columns]);
}
