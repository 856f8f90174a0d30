/** A session and all that its page shows of it, loaded and kept up to date while it is open. */
import { useEffect, useMemo } from 'preact/hooks';
import type { SessionDetail } from '../../api/answers.ts';
import { type Asked, useAnswer } from '../../api/use-answer.ts';
import { openStream } from '../../state/stream.ts';
import { Replay } from './replay.ts';
import { SessionColumns } from './session-columns.ts';
import { StatementPages } from './statement-pages.ts';

/** ms between what a session does and the next look at it. */
const PAUSE = 500;

export interface SessionReplay {
  readonly asked: Asked<SessionDetail>;
  readonly pages: StatementPages;
  readonly replay: Replay;
  readonly columns: SessionColumns;
}

export function useReplay(id: string): SessionReplay {
  const asked = useAnswer<SessionDetail>(`/v1/sessions/${id}`);
  const { pages, replay, columns } = useMemo(() => {
    const pages = new StatementPages(id);
    return {
      pages,
      columns: new SessionColumns(id),
      replay: new Replay(
        (number) => pages.at(number),
        (from, to) => pages.want(from, to),
      ),
    };
  }, [id]);
  const total = asked.answer?.statements ?? 0;
  const open = asked.answer?.state === 'open';

  useEffect(() => {
    void columns.load();
    return () => {
      replay.pause();
      pages.close();
      columns.close();
    };
  }, [id]);

  useEffect(() => {
    if (total <= replay.total.peek()) return;
    const before = replay.total.peek();
    replay.total.value = total;
    if (before === 0) replay.go(Number(/^#s(\d+)$/.exec(location.hash)?.[1] ?? 1));
    pages.want(1, 1);
  }, [total]);

  useEffect(() => (open ? follow(id, { asked, pages, replay, columns }) : undefined), [id, open]);
  return { asked, pages, replay, columns };
}

function follow(id: string, { asked, pages, replay, columns }: SessionReplay): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = Number.POSITIVE_INFINITY;
  const refresh = (): void => {
    timer = undefined;
    if (first < Number.POSITIVE_INFINITY) pages.refresh(first, replay.total.peek());
    first = Number.POSITIVE_INFINITY;
    columns.show();
    asked.again();
  };
  const source = openStream({ topics: 'statements,alarms', session: id }, (message) => {
    if (message.kind !== 'event') return;
    const { event } = message;
    if (event.type === 'statement' || event.type === 'statement.end' || event.type === 'risk.flag') {
      const follows = replay.position.peek() === replay.total.peek();
      first = Math.min(first, event.statement);
      replay.total.value = Math.max(replay.total.peek(), event.statement);
      pages.want(event.statement, event.statement);
      if (follows && !replay.playing.peek()) replay.go(replay.total.peek());
      columns.add(event);
    }
    timer ??= setTimeout(refresh, PAUSE);
  });
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
