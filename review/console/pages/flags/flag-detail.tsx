import type { Alarm } from '../../api/answers.ts';
import { AlarmCard } from '../../components/alarm-card.tsx';
import { SqlText } from '../../components/sql-text.tsx';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';

interface FlagDetailProps {
  readonly alarm: Alarm;
  readonly judged: (verdict: NonNullable<Alarm['verdict']>) => void;
  readonly back: () => void;
}

/** The statement, why it was flagged, and the verdict on that. */
export function FlagDetail({ alarm, judged, back }: FlagDetailProps) {
  const { flag } = alarm;
  return (
    <article class="detail" aria-label="Alarm">
      <button type="button" class="back button small" onClick={back}>
        ← All flags
      </button>
      <header class="detail-head">
        <div class="request-line">
          <h2>
            <Untrusted text={flag.principal} /> on <Untrusted text={flag.database} />
          </h2>
          <a class="button small" href={`/sessions/${flag.session}#s${flag.statement}`}>
            Statement {flag.statement} of its session
          </a>
        </div>
        <p class="facts">
          <span>
            <TimeAgo at={flag.at} />
          </span>
          <span>
            {flag.application ? <Untrusted text={flag.application} most={80} /> : 'no application name'}
          </span>
          <span class="number">{flag.client}</span>
          {flag.teams.length > 0 && (
            <span>
              team <Untrusted text={flag.teams.join(', ')} />
            </span>
          )}
          <span>
            grant <a href={`/grants?id=${flag.grant}`}>{flag.grant}</a>
          </span>
        </p>
      </header>
      <section class="section">
        <SqlText sql={flag.sql} formatted />
      </section>
      <section class="section">
        <AlarmCard key={flag.alarm} alarm={alarm} own={flag.principal} judged={judged} />
      </section>
    </article>
  );
}
