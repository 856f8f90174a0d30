import { useComputed } from '@preact/signals';
import type { Session } from '../../api/answers.ts';
import { Meter } from '../../components/meter.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { Countdown, CountUp } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { grants } from '../../state/grants.ts';
import type { LiveSession } from '../../state/sessions.ts';
import { byteSize, score, short } from '../../text/quantities.ts';

const COLUMNS = ['Who', 'Why', 'Where', 'Grant ends', 'Of its budget', 'Statements', 'Risk', ''] as const;

export function SessionHeader() {
  return (
    <>
      {COLUMNS.map((title) => (
        <span key={title} role="columnheader">
          {title || <span class="visually-hidden">Actions</span>}
        </span>
      ))}
    </>
  );
}

interface SessionRowProps {
  readonly session: LiveSession;
  readonly end: () => void;
}

/** One open session. Its cells are as wide whatever they hold, so that nothing moves while numbers do. */
export function SessionRow({ session, end }: SessionRowProps) {
  const { session: id, principal, application, database, client, grant, since } = session.value;
  return (
    <div class="session-row">
      <div role="cell" class="cell-who">
        <a class="strong" href={`/sessions/${id}`}>
          <Untrusted text={principal} most={60} />
        </a>
        <span class="second">
          {application ? <Untrusted text={application} most={60} /> : 'no application name'}
        </span>
      </div>
      <Why grant={grant} />
      <div role="cell" class="cell-where">
        <span>
          <Untrusted text={database} most={63} />
        </span>
        <span class="second number">{client}</span>
      </div>
      <div role="cell" class="cell-left">
        {session.value.budget ? <Countdown to={session.value.budget.expiresAt} done="now" /> : <span>–</span>}
        <span class="second">
          here for <CountUp from={since} />
        </span>
      </div>
      <Budget session={session.value} />
      <div role="cell" class="cell-statements">
        <span class="number">{short(session.value.statements)}</span>
        <Denied count={session.value.denied} />
      </div>
      <Risk session={session.value} />
      <div role="cell" class="cell-end">
        <button
          type="button"
          class="button small"
          onClick={end}
          aria-label={`End the session of ${principal}`}
        >
          End …
        </button>
      </div>
    </div>
  );
}

function Why({ grant }: { readonly grant: string }) {
  const why = useComputed(() => grants.value.get(grant));
  return (
    <div role="cell" class="cell-why">
      <span class="clip">
        {why.value?.reason ? (
          <Untrusted text={why.value.reason} />
        ) : (
          <span class="second">no reason given</span>
        )}
      </span>
      <span class="second clip">
        {why.value?.ticket && (
          <>
            <Untrusted text={why.value.ticket} most={60} /> ·{' '}
          </>
        )}
        <a href={`/grants?id=${grant}`}>{grant}</a>
      </span>
    </div>
  );
}

function Budget({ session: { budget, rows, bytes } }: { readonly session: Session }) {
  return (
    <div role="cell" class="cell-budget">
      <Meter label="rows" value={budget?.used.rows ?? rows} most={budget?.limits.rows ?? null} show={short} />
      <Meter
        label="bytes"
        value={budget?.used.bytes ?? bytes}
        most={budget?.limits.bytes ?? null}
        show={byteSize}
      />
    </div>
  );
}

function Denied({ count }: { readonly count: number }) {
  return (
    <span class="second number" data-some={count > 0 || undefined}>
      {short(count)} denied
    </span>
  );
}

/** The score of its last statement that the model looked at, and how it came to that; not to be mixed up with alarms. */
function Risk({ session: { scores, alarms } }: { readonly session: Session }) {
  const last = scores.at(-1) ?? null;
  return (
    <div role="cell" class="cell-risk">
      {last === null ? (
        <span class="second" title="All of it is usual here, or no model looks at it">
          usual
        </span>
      ) : (
        <>
          <Sparkline
            values={scores}
            label={`Scores of its last statements, up to ${score(Math.max(...scores))}`}
          />
          <span class="number" title="Of the last statement that the model looked at, or of the session then">
            {score(last)}
          </span>
        </>
      )}
      {alarms > 0 && (
        <span class="second number" data-some>
          {alarms} {alarms === 1 ? 'alarm' : 'alarms'}
        </span>
      )}
    </div>
  );
}
