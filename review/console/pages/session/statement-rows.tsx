import { useComputed } from '@preact/signals';
import type { TrailStatement } from '../../api/answers.ts';
import { DecisionMark } from '../../components/decision-mark.tsx';
import { Icon } from '../../components/icon.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { duration, fineClock } from '../../text/durations.ts';
import { score, short } from '../../text/quantities.ts';
import type { Replay } from './replay.ts';
import type { StatementPages } from './statement-pages.ts';
import { inBlock } from './transactions.ts';

interface StatementRowsProps {
  readonly pages: StatementPages;
  readonly replay: Replay;
  /** Unix ms. */
  readonly startedAt: number;
}

/** px. */
const ROW = 36;

export function StatementRows({ pages, replay, startedAt }: StatementRowsProps) {
  const numbers = useComputed(() => Array.from({ length: replay.total.value }, (_, index) => index + 1));
  void pages.version.value; // rows are drawn anew when something was loaded
  return (
    <VirtualRows<number>
      label="Statements"
      items={numbers.value}
      rowHeight={ROW}
      keyOf={(number) => number}
      row={(number) => <StatementRow number={number} pages={pages} startedAt={startedAt} />}
      selected={replay.position.value - 1}
      select={(index) => {
        replay.pause();
        replay.go(index + 1);
      }}
      seen={(from, to) => pages.want(from + 1, to)}
    />
  );
}

interface StatementRowProps {
  readonly number: number;
  readonly pages: StatementPages;
  readonly startedAt: number;
}

function StatementRow({ number, pages, startedAt }: StatementRowProps) {
  const found = pages.at(number);
  if (found === null)
    return (
      <div class="statement-row">
        <span role="cell" class="number second">
          {number}
        </span>
        <span role="cell" class="statement-sql second">
          …
        </span>
      </div>
    );
  const { statement, end } = found;
  return (
    <div class="statement-row" data-block={inBlock(number, (each) => pages.at(each))}>
      <span role="cell" class="number second statement-number">
        {number}
      </span>
      <span role="cell" class="number second statement-at">
        {fineClock(Date.parse(statement.at) - startedAt)}
      </span>
      <span role="cell">
        <DecisionMark decision={statement.decision} quiet />
      </span>
      <code role="cell" class="statement-sql">
        <Untrusted text={statement.sql} most={200} />
      </code>
      <Outcome found={found} />
      <span role="cell" class="number second statement-time">
        {end ? duration(end.durationMs) : ''}
      </span>
    </div>
  );
}

function Outcome({ found: { statement, end, alarm } }: { readonly found: TrailStatement }) {
  const state = end?.sqlstate ?? statement.sqlstate;
  return (
    <span role="cell" class="number statement-outcome">
      {alarm && (
        <span
          class="alarm-mark"
          title={`Alarm${alarm.flag.score === null ? '' : `, risk ${score(alarm.flag.score)}`}`}
        >
          <Icon name="flags" />
          <span class="visually-hidden">alarm</span>
        </span>
      )}
      {end?.cut && (
        <span class="second" data-some>
          cut
        </span>
      )}
      {state ? (
        <span class="second" data-some>
          {state}
        </span>
      ) : end ? (
        <span class="second">{rows(end.rows)}</span>
      ) : null}
    </span>
  );
}

const rows = (count: number): string => (count === 1 ? '1 row' : `${short(count)} rows`);
