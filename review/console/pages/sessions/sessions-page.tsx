/** Sessions that are over, the newest first. */

import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { Session, SessionsAnswer } from '../../api/answers.ts';
import { withQuery } from '../../api/client.ts';
import { usePages } from '../../api/use-pages.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { smallScreen } from '../../state/small-screen.ts';
import { PastSessionHeader, PastSessionRow } from './past-session-row.tsx';

/** px; the second where a row is folded into a card. */
const [ROW, CARD] = [52, 104];
const PAGE = 200;
/** ms after the last key until it is asked for. */
const PATIENCE = 300;

const sessionsOf = ({ sessions }: SessionsAnswer): readonly Session[] => sessions;

export function SessionsPage() {
  const { route, query } = useLocation();
  const { principal = '', database = '', grant = '' } = query;
  const { items, problem, more, load, again } = usePages(
    '/v1/sessions',
    { state: 'ended', limit: PAGE, principal, database, grant },
    sessionsOf,
  );
  const selected = useSignal<number | null>(null);
  const ask = (change: Readonly<Record<string, string>>): void =>
    route(withQuery('/sessions', { principal, database, grant, ...change }), true);
  return (
    <>
      <PageHeader title="Sessions" note={grant === '' ? 'that are over' : `of grant ${grant}, that are over`}>
        <Asked label="Who, in full" value={principal} change={(value) => ask({ principal: value })} />
        <Asked label="Database, in full" value={database} change={(value) => ask({ database: value })} />
      </PageHeader>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {items === null || items.length === 0 ? (
        <Nothing loaded={items !== null} asked={`${principal}${database}${grant}` !== ''} />
      ) : (
        <VirtualRows<Session>
          label="Sessions that are over"
          items={items}
          rowHeight={smallScreen.value ? CARD : ROW}
          keyOf={({ session }) => session}
          header={smallScreen.value ? undefined : <PastSessionHeader />}
          row={(session) => <PastSessionRow session={session} />}
          selected={selected.value}
          select={(index) => {
            selected.value = index;
          }}
          open={({ session }) => route(`/sessions/${session}`)}
          seen={(_, to) => to >= items.length && more && load()}
        />
      )}
    </>
  );
}

interface AskedProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** Asks when somebody has stopped typing. */
function Asked({ label, value, change }: AskedProps) {
  const timer = useSignal<ReturnType<typeof setTimeout> | undefined>(undefined);
  return (
    <FilterBox
      label={label}
      value={value}
      change={(next) => {
        clearTimeout(timer.peek());
        timer.value = setTimeout(() => change(next), PATIENCE);
      }}
    />
  );
}

function Nothing({ loaded, asked }: { readonly loaded: boolean; readonly asked: boolean }) {
  if (!loaded) return <p class="loading">Loading sessions …</p>;
  if (asked) return <EmptyState title="No session matches">Names are compared in full.</EmptyState>;
  return (
    <EmptyState title="No session is over yet" command="bin/postern session list --ended">
      Each session stays here when it ends, to be replayed statement by statement, for as long as the trail is
      kept.
    </EmptyState>
  );
}
