import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SessionDetail, TrailStatement } from '../../api/answers.ts';
import { AlarmCard } from '../../components/alarm-card.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DecisionMark } from '../../components/decision-mark.tsx';
import { Icon } from '../../components/icon.tsx';
import { SqlText } from '../../components/sql-text.tsx';
import { tell } from '../../components/toasts.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { absolute, duration, fineClock } from '../../text/durations.ts';
import { byteSize, whole } from '../../text/quantities.ts';
import { visible } from '../../text/visible.ts';
import type { Replay } from './replay.ts';
import type { StatementPages } from './statement-pages.ts';

interface StatementDetailProps {
  readonly session: SessionDetail;
  readonly pages: StatementPages;
  readonly replay: Replay;
  /** Unix ms. */
  readonly startedAt: number;
}

export function StatementDetail({ session, pages, replay, startedAt }: StatementDetailProps) {
  const number = replay.position.value;
  const formatted = useSignal(true);
  void pages.version.value;
  useEffect(() => pages.want(number, number), [number]);
  const found = pages.at(number);
  return (
    <section class="statement-detail" aria-label={`Statement ${number}`}>
      {found === null ? (
        <p class="loading">Loading statement {number} …</p>
      ) : (
        <>
          <header>
            <DecisionMark decision={found.statement.decision} />
            <h2 class="number">Statement {whole(number)}</h2>
            <span class="second number" title={absolute(Date.parse(found.statement.at))}>
              {fineClock(Date.parse(found.statement.at) - startedAt)} in
            </span>
            <div class="detail-tools">
              <button
                type="button"
                class="button small"
                aria-pressed={formatted.value}
                onClick={() => {
                  formatted.value = !formatted.value;
                }}
              >
                Formatted
              </button>
              <CopyButton key={number} text={visible(found.statement.sql, { layout: true })} label="Copy" />
              <button
                type="button"
                class="icon-button"
                aria-label="Copy a link to it"
                onClick={() => void copyLink(number)}
              >
                <Icon name="link" />
              </button>
            </div>
          </header>
          <SqlText sql={found.statement.sql} formatted={formatted.value} />
          {found.alarm && (
            <AlarmCard
              alarm={found.alarm}
              judged={(verdict) =>
                pages.replace(number, (each) => ({ ...each, alarm: { ...each.alarm!, verdict } }))
              }
              own={session.principal}
            />
          )}
          <Parameters values={found.statement.parameters} />
          <Refusal found={found} />
          <Outcome found={found} />
          <Needs found={found} pages={pages} />
        </>
      )}
    </section>
  );
}

async function copyLink(number: number): Promise<void> {
  const link = `${location.origin}${location.pathname}#s${number}`;
  await navigator.clipboard.writeText(link).then(
    () => tell(`The link to statement ${number} is copied`),
    () => tell('The browser does not let this page copy; the address has the link', 'bad'),
  );
}

function Parameters({ values }: { readonly values: readonly (string | null)[] | undefined }) {
  if (values === undefined || values.length === 0) return null;
  return (
    <Part title="Parameters">
      <ol class="parameters">
        {values.map((value, index) => (
          <li key={index}>
            <span class="second number">${index + 1}</span>{' '}
            <code>{value === null ? <em>NULL</em> : <Untrusted text={value} most={500} />}</code>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Refusal({ found: { statement } }: { readonly found: TrailStatement }) {
  if (statement.reasons.length === 0) return null;
  return (
    <Part title={statement.decision === 'observe' ? 'Would have been refused' : 'Why'}>
      <ul class="reasons-plain">
        {statement.reasons.flatMap(lines).map((reason) => (
          <li key={reason}>
            <Untrusted text={reason} most={1_000} />
          </li>
        ))}
      </ul>
      {statement.hold && <p class="second">It waited for a reviewer as {statement.hold}.</p>}
    </Part>
  );
}

const lines = (text: string): readonly string[] => text.split('\n').filter(Boolean);

function Outcome({ found: { statement, end } }: { readonly found: TrailStatement }) {
  const how = statement.via === 'query' ? 'simple query' : statement.via;
  if (end === null)
    return (
      <p class="second statement-result">
        By {how}.{' '}
        {statement.decision === 'allow' || statement.decision === 'observe'
          ? 'What came of it is not recorded, or not yet.'
          : 'It did not reach the database.'}
      </p>
    );
  return (
    <dl class="facts statement-result">
      <Fact name="Rows">{whole(end.rows)}</Fact>
      <Fact name="Bytes">{byteSize(end.bytes)}</Fact>
      <Fact name="Took">{duration(end.durationMs)}</Fact>
      <Fact name="Sent by">{how}</Fact>
      {end.tag && <Fact name="Command tag">{end.tag}</Fact>}
      {end.sqlstate && <Fact name="SQLSTATE">{end.sqlstate}</Fact>}
      {end.cut && <Fact name="Cut by the limit of">{end.cut}</Fact>}
    </dl>
  );
}

/** What it needed of the grant. A long text says so once. */
function Needs({
  found: { statement },
  pages,
}: {
  readonly found: TrailStatement;
  readonly pages: StatementPages;
}) {
  const { inFull } = statement;
  if (inFull !== undefined)
    return (
      <p class="second">
        Its text, and what it needs, are in full with <a href={`#s${inFull}`}>statement {inFull}</a>
        {pages.at(inFull) === null ? '' : ` (${pages.at(inFull)!.statement.needs.length} needs)`}.
      </p>
    );
  if (statement.needs.length === 0) return null;
  return (
    <Part title="What it needs">
      <ul class="needs">
        {statement.needs.map(({ action, resource }) => (
          <li key={`${action} ${resource}`}>
            <span class="need-action">{action}</span> <Untrusted text={resource} most={200} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  );
}
