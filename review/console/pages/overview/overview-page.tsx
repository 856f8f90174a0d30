/** How things have been going. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Overview } from '../../api/answers.ts';
import { withQuery } from '../../api/client.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Chart } from '../../components/chart.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { openSessions } from '../../state/sessions.ts';
import { who } from '../../state/who.ts';
import { short } from '../../text/quantities.ts';
import { alarmChart, decisionChart, latencyChart } from './charts.ts';
import { DriftTable } from './drift-table.tsx';
import { SPANS, type Span, spanOf } from './spans.ts';
import { Tiles } from './tiles.tsx';

/** ms after which it is asked again. */
const AGAIN = 30_000;

export function OverviewPage() {
  const { query, route } = useLocation();
  const span = spanOf(query.span);
  const database = query.database ?? '';
  const to = useSignal(Date.now());
  const { answer, problem, again } = useAnswer<Overview>('/v1/overview', {
    from: new Date(to.value - SPANS[span].ms).toISOString(),
    to: new Date(to.value).toISOString(),
    database,
  });
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) to.value = Date.now();
    }, AGAIN);
    return () => clearInterval(timer);
  }, []);
  const ask = (change: Readonly<Record<string, string>>): void =>
    route(withQuery('/overview', { span, database, ...change }), true);
  return (
    <>
      <PageHeader title="Overview" note={`the last ${SPANS[span].words}`}>
        <DatabaseChoice value={database} change={(name) => ask({ database: name })} />
        <SpanChoice value={span} change={(name) => ask({ span: name })} />
      </PageHeader>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {answer === null ? <p class="loading">Counting …</p> : <Shown overview={answer} />}
    </>
  );
}

function Shown({ overview }: { readonly overview: Overview }) {
  const charts = useMemo(
    () => ({
      decisions: decisionChart(overview),
      latency: latencyChart(overview),
      alarms: alarmChart(overview),
    }),
    [overview],
  );
  return (
    <div class="overview">
      <Tiles overview={overview} />
      <Chart
        title="Statements by decision"
        data={charts.decisions}
        kind="bars"
        show={short}
        empty="Nothing was run in this time."
      />
      <Chart
        title="Latency added by Postern"
        data={charts.latency}
        kind="lines"
        show={milliseconds}
        note="Here, to a statement and its first answer: decided, scored, written to the trail. Networks and reviewers not counted."
        empty="Nothing went through this node in this time since it started."
      />
      <Chart
        title="Alarms and verdicts"
        data={charts.alarms}
        kind="lines"
        show={short}
        empty="No alarm in this time. With the key risk in the configuration, what is unusual raises some."
      />
      <DriftTable drift={overview.drift} />
    </div>
  );
}

const milliseconds = (seconds: number): string => {
  const ms = seconds * 1000;
  return ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
};

function SpanChoice({ value, change }: { readonly value: Span; readonly change: (span: Span) => void }) {
  return (
    <fieldset class="choice">
      <legend class="visually-hidden">Time</legend>
      {(Object.keys(SPANS) as Span[]).map((span) => (
        <button
          key={span}
          type="button"
          class="button small"
          aria-pressed={span === value}
          title={`The last ${SPANS[span].words}`}
          onClick={() => change(span)}
        >
          {span}
        </button>
      ))}
    </fieldset>
  );
}

/** Those that are known here: of the login, and of open sessions. */
function DatabaseChoice({
  value,
  change,
}: {
  readonly value: string;
  readonly change: (name: string) => void;
}) {
  const known = useComputed(() => {
    const own = who.value.kind === 'known' ? (who.value.me.databases ?? []) : [];
    const open = openSessions.value.map((session) => session.peek().database);
    return [...new Set([...own, ...open, ...(value === '' ? [] : [value])])].sort();
  });
  return (
    <label>
      <span class="visually-hidden">Database</span>
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">All databases</option>
        {known.value.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
