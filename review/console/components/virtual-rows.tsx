import type { ComponentChild, RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps<T> {
  readonly items: readonly T[];
  /** Of every row, in px. */
  readonly rowHeight: number;
  readonly keyOf: (item: T, index: number) => string | number;
  /** Inside a positioned element with the role `row`. */
  readonly row: (item: T, index: number) => ComponentChild;
  readonly label: string;
  /** The header: a row of its own, which stays in sight. */
  readonly header?: ComponentChild;
  /** Index of the row that is marked, and brought into sight whenever it changes; null: none is. */
  readonly selected?: number | null;
  /** By arrow keys, Home, End and so on, or a click. Absent: rows can't be selected. */
  readonly select?: (index: number) => void;
  /** By Enter, or a double click. */
  readonly open?: (item: T) => void;
  /** Hears which rows are in sight, `to` exclusive. */
  readonly seen?: (from: number, to: number) => void;
}

/** Rows beyond both edges that are there before they come into sight. */
const SPARE = 8;

/** A list of any length, of which only the rows in sight exist. */
export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  const { items, rowHeight, keyOf, row, label, header, selected = null, select, open, seen } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [from, to] = useWindow(frame, items.length, rowHeight);
  useEffect(() => seen?.(from, to), [from, to]);
  useInSight(frame, selected, rowHeight);

  const press = (event: KeyboardEvent): void => {
    if (event.target !== frame.current) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = moved(event.key, selected ?? -1, items.length, page);
    if (next !== null && select) {
      event.preventDefault();
      select(next);
    } else if (event.key === 'Enter' && selected !== null && open) open(items[selected]!);
  };

  return (
    <div
      ref={frame}
      class="rows"
      role="table"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={items.length + (header ? 1 : 0)}
      onKeyDown={press}
    >
      {header && (
        <div class="row row-header" role="row" aria-rowindex={1}>
          {header}
        </div>
      )}
      <div class="rows-all" role="rowgroup" style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(from, to).map((item, offset) => {
          const index = from + offset;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the table
            <div
              key={keyOf(item, index)}
              class="row"
              role="row"
              aria-rowindex={index + (header ? 2 : 1)}
              data-selected={index === selected || undefined}
              style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
              onClick={select && (() => select(index))}
              onDblClick={open && (() => open(item))}
            >
              {row(item, index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Which rows are to exist; read anew when the frame is scrolled or resized. */
function useWindow(frame: RefObject<HTMLElement | null>, count: number, rowHeight: number) {
  const [[first, visible], setSeen] = useState<readonly [number, number]>([0, 40]);
  const look = useCallback(() => {
    const element = frame.current;
    if (element === null) return;
    const next = [
      Math.floor(element.scrollTop / rowHeight),
      Math.ceil(element.clientHeight / rowHeight),
    ] as const;
    setSeen((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, [rowHeight]);
  useLayoutEffect(() => {
    const element = frame.current!;
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [look]);
  const last = Math.min(count, first + visible + 1);
  return [Math.max(0, Math.min(first, count - visible) - SPARE), Math.min(count, last + SPARE)] as const;
}

function useInSight(frame: RefObject<HTMLElement | null>, selected: number | null, rowHeight: number): void {
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || selected === null) return;
    const header = element.querySelector<HTMLElement>('.row-header')?.offsetHeight ?? 0;
    const top = selected * rowHeight;
    const room = element.clientHeight - header;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
  }, [selected, rowHeight]);
}

function moved(key: string, at: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const to: Readonly<Record<string, number>> = {
    ...{
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: count - 1,
    },
  };
  const next = to[key];
  return next === undefined ? null : Math.max(0, Math.min(next, count - 1));
}
