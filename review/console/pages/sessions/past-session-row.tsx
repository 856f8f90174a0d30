import type { Session } from '../../api/answers.ts';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { duration } from '../../text/durations.ts';
import { byteSize, score, short } from '../../text/quantities.ts';

const COLUMNS = ['Who', 'Where', 'Began', 'Ended', 'Statements', 'Results', 'Alarms'] as const;

export function PastSessionHeader() {
  return (
    <>
      {COLUMNS.map((title) => (
        <span key={title} role="columnheader">
          {title}
        </span>
      ))}
    </>
  );
}

export function PastSessionRow({ session }: { readonly session: Session }) {
  const { principal, application, database, client, since, endedAt, endReason } = session;
  return (
    <div class="past-session">
      <div role="cell">
        <a class="strong" href={`/sessions/${session.session}`}>
          <Untrusted text={principal} most={60} />
        </a>
        <span class="second">
          {application ? <Untrusted text={application} most={60} /> : 'no application name'}
        </span>
      </div>
      <div role="cell">
        <span>
          <Untrusted text={database} most={63} />
        </span>
        <span class="second number">{client}</span>
      </div>
      <div role="cell">
        <TimeAgo at={since} />
        <span class="second number">
          {endedAt === null ? '' : `for ${duration(Date.parse(endedAt) - Date.parse(since))}`}
        </span>
      </div>
      <div role="cell">
        <span>{endReason === null ? 'never written' : (ENDS[endReason] ?? endReason)}</span>
        <span class="second clip">
          {session.endDetail && <Untrusted text={session.endDetail} most={200} />}
        </span>
      </div>
      <div role="cell" class="number">
        <span>{short(session.statements)}</span>
        <span class="second" data-some={session.denied > 0 || undefined}>
          {short(session.denied)} denied
        </span>
      </div>
      <div role="cell" class="number">
        <span>{session.rows === 1 ? '1 row' : `${short(session.rows)} rows`}</span>
        <span class="second">{byteSize(session.bytes)}</span>
      </div>
      <div role="cell" class="number">
        <span>{session.alarms === 0 ? 'none' : short(session.alarms)}</span>
        <span class="second">{session.risk === null ? '' : `up to ${score(session.risk)}`}</span>
      </div>
    </div>
  );
}

/** In a word; the session's own page has the sentence. */
const ENDS: Readonly<Record<string, string>> = {
  client: 'by its client',
  expired: 'grant expired',
  revoked: 'grant revoked',
  ended: 'by a reviewer',
  'store-lost': 'Redis was lost',
  upstream: 'by the database',
  protocol: 'protocol violated',
  drift: 'a setting changed',
  risk: 'for its risk',
  drain: 'by a shutdown',
  spool: 'trail not writable',
  error: 'failed',
};
