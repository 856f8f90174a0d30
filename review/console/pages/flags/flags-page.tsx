/** Alarms of the risk model: the queue of those that wait for a verdict, and what was said of others. */
import { useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import type { Alarm } from '../../api/answers.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ViewTabs } from '../../components/view-tabs.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { alarmsWaiting } from '../../state/alarms.ts';
import { hasRole } from '../../state/who.ts';
import { type AlarmState, useAlarmQueue } from './alarm-queue.ts';
import { FlagDetail } from './flag-detail.tsx';
import { FlagRow } from './flag-row.tsx';
import { useFlagKeys } from './use-flag-keys.ts';

/** px. */
const ROW = 58;

export function FlagsPage() {
  const { query } = useLocation();
  const state = query.view === 'judged' ? 'judged' : 'open';
  return (
    <>
      <PageHeader title="Flags" note={state === 'open' && hasRole('reviewer') ? <Keys /> : undefined}>
        <ViewTabs
          label="Which flags"
          shown={state === 'open' ? 'Waiting' : 'Judged'}
          views={[
            { name: 'Waiting', href: '/flags', count: alarmsWaiting.value },
            { name: 'Judged', href: '/flags?view=judged' },
          ]}
        />
      </PageHeader>
      <Queue key={state} state={state} />
    </>
  );
}

function Queue({ state }: { readonly state: AlarmState }) {
  const { alarms, problem, load, again, judged } = useAlarmQueue(state);
  const at = useSignal<Place>({ alarm: null, index: 0 });
  /** On small screens, where only one of list and detail is. */
  const inDetail = useSignal(false);
  const count = alarms?.length ?? 0;
  const selected = indexOf(at.value, alarms ?? []);
  const go = (index: number): void => {
    const to = Math.max(0, Math.min(index, count - 1));
    at.value = { alarm: alarms?.[to]?.flag.alarm ?? null, index: to };
  };
  useFlagKeys((by) => go(selected + by));
  if (problem && alarms === null) return <ProblemNotice problem={problem} retry={again} />;
  if (alarms === null) return <p class="loading">Looking for flags …</p>;
  if (count === 0) return <Nothing state={state} />;
  const alarm = alarms[selected]!;
  return (
    <>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      <div class="split flags" data-shown={inDetail.value ? 'detail' : 'list'}>
        <VirtualRows<Alarm>
          label="Flags"
          items={alarms}
          rowHeight={ROW}
          keyOf={({ flag }) => flag.alarm}
          row={(each) => <FlagRow alarm={each} />}
          selected={selected}
          select={(index) => {
            go(index);
            inDetail.value = true;
          }}
          seen={(_, to) => {
            if (to >= count) load();
          }}
        />
        <FlagDetail
          alarm={alarm}
          judged={judged}
          back={() => {
            inDetail.value = false;
          }}
        />
      </div>
    </>
  );
}

/** What is selected; once that is judged and gone, what has come in its place. */
interface Place {
  readonly alarm: string | null;
  readonly index: number;
}

function indexOf({ alarm, index }: Place, alarms: readonly Alarm[]): number {
  const found = alarms.findIndex(({ flag }) => flag.alarm === alarm);
  return found >= 0 ? found : Math.max(0, Math.min(index, alarms.length - 1));
}

function Keys() {
  return (
    <span class="flag-keys">
      <kbd>j</kbd> <kbd>k</kbd> next, before · <kbd>t</kbd> true · <kbd>f</kbd> false · <kbd>n</kbd> note
    </span>
  );
}

function Nothing({ state }: { readonly state: AlarmState }) {
  return state === 'open' ? (
    <EmptyState title="No flag waits for a verdict">
      Statements that are unusual for whoever runs them are flagged by the risk model and come here, with the
      reasons; the model learns from what you say of them. It runs where the configuration has the key{' '}
      <code>risk</code>.
    </EmptyState>
  ) : (
    <EmptyState title="No flag has been judged yet">
      Each true or false alarm that a reviewer marks stays here, with the note. The last word counts.
    </EmptyState>
  );
}
