/** A session from its beginning to its end: where statements are, what of them is notable, and where the replay is. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { theme } from '../../state/theme.ts';
import { clock, timeOfDay } from '../../text/durations.ts';
import type { Mark } from './notable.ts';

interface TimelineProps {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Times of the statements that are known. */
  readonly statements: readonly number[];
  readonly marks: readonly Mark[];
  /** Unix ms: where the replay is. */
  readonly at: number;
  readonly position: number;
  readonly total: number;
  /** Somebody moves it, by statements or to a time. */
  readonly go: (statement: number) => void;
  readonly goTo: (at: number) => void;
}

const HEIGHT = 56;
const COLOURS = { deny: '--deny', hold: '--hold', observe: '--observe', alarm: '--accent' } as const;

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
  const { from, to, statements, marks } = props;
  useLayoutEffect(() => {
    const drawn = canvas.current!;
    const redraw = (): void => draw(drawn, props);
    const resized = new ResizeObserver(redraw);
    resized.observe(drawn);
    return () => resized.disconnect();
  }, [from, to, statements, marks, theme.value]);
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => draw(canvas.current!, props);
    scheme.addEventListener('change', redraw);
    return () => scheme.removeEventListener('change', redraw);
  }, [statements, marks]);
}

function draw(canvas: HTMLCanvasElement, { from, to, statements, marks }: TimelineProps): void {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const colour = (name: string): string => {
    canvas.style.color = `var(${name})`; // a variable by itself may be an expression
    return getComputedStyle(canvas).color;
  };
  const x = (at: number): number => ((at - from) / Math.max(1, to - from)) * (width - 2);

  context.fillStyle = colour('--text-3');
  for (const [column, count] of columns(statements.map(x))) {
    const height = Math.min(4 + 7 * Math.log2(1 + count), 30);
    context.globalAlpha = 0.55;
    context.fillRect(column, HEIGHT - height, 1.5, height);
  }
  context.globalAlpha = 1;
  for (const { at, kind } of marks) {
    context.fillStyle = colour(COLOURS[kind]);
    if (kind === 'alarm') flag(context, x(at));
    else context.fillRect(x(at), HEIGHT - 34, 2, 34);
  }
}

/** An alarm differs from a refusal by its form, too. */
function flag(context: CanvasRenderingContext2D, x: number): void {
  context.fillRect(x, 4, 1.5, HEIGHT - 4);
  context.beginPath();
  context.moveTo(x, 4);
  context.lineTo(x + 9, 8.5);
  context.lineTo(x, 13);
  context.fill();
}

/** How many are in each column of pixels. */
function columns(places: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const place of places) {
    const column = Math.round(place);
    counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}
