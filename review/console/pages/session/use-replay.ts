/** A session and all that its page shows of it, loaded and kept up to date while it is open. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { SessionDetail } from '../../api/answers.ts';
import { type Asked, useAnswer } from '../../api/use-answer.ts';
import { openStream } from '../../state/stream.ts';
import { type Mark, markOf, marksOf } from './notable.ts';
import { Replay } from './replay.ts';
import { StatementPages } from './statement-pages.ts';

/** Of a session with no more than so many, all statements are loaded at once. */
const SHORT = 4_000;
/** ms between what a session does and the next look at it. */
const PAUSE = 500;

export interface SessionReplay {
  readonly asked: Asked<SessionDetail>;
  readonly pages: StatementPages;
  readonly replay: Replay;
  readonly marks: Signal<readonly Mark[]>;
}

export function useReplay(id: string): SessionReplay {
  const asked = useAnswer<SessionDetail>(`/v1/sessions/${id}`);
  const marks = useSignal<readonly Mark[]>([]);
  const { pages, replay } = useMemo(() => {
    const pages = new StatementPages(id);
    return {
      pages,
      replay: new Replay(
        (number) => pages.at(number),
        (from, to) => pages.want(from, to),
      ),
    };
  }, [id]);
  const total = asked.answer?.statements ?? 0;
  const open = asked.answer?.state === 'open';

  useEffect(() => {
    marks.value = [];
    void marksOf(id).then(
      (found) => {
        marks.value = found;
      },
      () => undefined, // the timeline then lacks what is not loaded
    );
    return () => {
      replay.pause();
      pages.close();
    };
  }, [id]);

  useEffect(() => {
    if (total <= replay.total.peek()) return;
    const before = replay.total.peek();
    replay.total.value = total;
    if (before === 0) replay.go(Number(/^#s(\d+)$/.exec(location.hash)?.[1] ?? 1));
    pages.want(1, total <= SHORT ? total : 1);
  }, [total]);

  useEffect(() => (open ? follow(id, { asked, pages, replay, marks }) : undefined), [id, open]);
  return { asked, pages, replay, marks };
}

function follow(id: string, { asked, pages, replay, marks }: SessionReplay): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = Number.POSITIVE_INFINITY;
  const refresh = (): void => {
    timer = undefined;
    if (first < Number.POSITIVE_INFINITY) pages.refresh(first, replay.total.peek());
    first = Number.POSITIVE_INFINITY;
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
      const news = markOf(event);
      if (news.length > 0) marks.value = [...marks.peek(), ...news];
    }
    timer ??= setTimeout(refresh, PAUSE);
  });
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
