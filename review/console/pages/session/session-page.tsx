/** The replay of a session, open or ended. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { EmptyState } from '../../components/empty-state.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { now } from '../../state/clock.ts';
import { ReplayControls } from './replay-controls.tsx';
import { statementAt, timeAt } from './scale.ts';
import { anchorsOf } from './session-columns.ts';
import { SessionSummary } from './session-summary.tsx';
import { StatementDetail } from './statement-detail.tsx';
import { StatementRows } from './statement-rows.tsx';
import { Timeline } from './timeline.tsx';
import { type SessionReplay, useReplay } from './use-replay.ts';

export function SessionPage() {
  const { params } = useRoute();
  const session = useReplay(params.id ?? '');
  const { answer, problem, again } = session.asked;
  if (problem?.status === 404)
    return (
      <EmptyState title="There is no such session for you">
        Its id may be mistyped, or the trail keeps it no longer.
      </EmptyState>
    );
  return (
    <>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {answer === null ? <p class="loading">Loading the session …</p> : <Replayed session={session} />}
    </>
  );
}

function Replayed({ session }: { readonly session: SessionReplay }) {
  const { asked, pages, replay, columns } = session;
  const detail = asked.answer!;
  const startedAt = Date.parse(detail.since);
  const until = useSignal(endOf(detail));
  until.value = endOf(detail);
  const anchors = useComputed(() => {
    const known = anchorsOf(columns.all.value).toSorted((one, other) => one.statement - other.statement);
    return [
      { statement: 0, at: startedAt },
      ...known,
      { statement: replay.total.value + 1, at: until.value },
    ];
  });
  const at = useComputed(() => {
    void pages.version.value;
    const loaded = pages.at(replay.position.value);
    return loaded ? Date.parse(loaded.statement.at) : timeAt(anchors.value, replay.position.value);
  });
  useAddress(session);
  useKeys(session);

  return (
    <div class="session-page">
      <SessionSummary session={detail} />
      {pages.problem.value && (
        <ProblemNotice
          problem={pages.problem.value}
          retry={() => pages.want(replay.position.peek(), replay.position.peek())}
        />
      )}
      {detail.statements === 0 && replay.total.value === 0 ? (
        <EmptyState title="Nothing was run yet">
          Statements show up here as they come, also those that are refused.
        </EmptyState>
      ) : (
        <>
          <div class="replay-bar">
            <ReplayControls replay={replay} />
            <Timeline
              from={startedAt}
              to={until.value}
              columns={columns.all.value}
              at={at.value}
              position={replay.position.value}
              total={replay.total.value}
              go={(number) => replay.go(number)}
              goTo={(time) => replay.go(statementAt(anchors.peek(), time))}
            />
          </div>
          <div class="session-split">
            <StatementRows pages={pages} replay={replay} startedAt={startedAt} />
            <StatementDetail session={detail} pages={pages} replay={replay} startedAt={startedAt} />
          </div>
        </>
      )}
    </div>
  );
}

const endOf = ({
  endedAt,
  since,
  state,
}: {
  endedAt: string | null;
  since: string;
  state: string;
}): number =>
  endedAt === null ? (state === 'open' ? now.peek() : Date.parse(since) + 1_000) : Date.parse(endedAt);

/** The address names the statement, so that it can be given to somebody. */
function useAddress({ replay }: SessionReplay): void {
  const number = replay.position.value;
  useEffect(() => {
    if (replay.total.peek() > 0) history.replaceState(history.state, '', `#s${number}`);
  }, [number]);
  useEffect(() => {
    const follow = (): void => {
      const asked = /^#s(\d+)$/.exec(location.hash)?.[1];
      if (asked !== undefined) replay.go(Number(asked));
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [replay]);
}

function useKeys({ replay }: SessionReplay): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      const taken =
        target instanceof Element && target.matches('input, textarea, select, button, a, dialog *');
      if (taken || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === ' ') replay.toggle();
      else if (event.key === 'ArrowLeft') replay.go(replay.position.peek() - 1);
      else if (event.key === 'ArrowRight') replay.go(replay.position.peek() + 1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [replay]);
}
