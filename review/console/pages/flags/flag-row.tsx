import type { Alarm } from '../../api/answers.ts';
import { ShareBar } from '../../components/share-bar.tsx';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { score } from '../../text/quantities.ts';

/** The score that it was raised by; null: there was none, see its cause. */
export const scoreOf = ({ flag }: Alarm): number | null =>
  flag.cause === 'session' ? flag.sessionScore : flag.score;

export function FlagRow({ alarm }: { readonly alarm: Alarm }) {
  const { flag, verdict } = alarm;
  const value = scoreOf(alarm);
  return (
    <div role="cell" class="flag-row">
      <span class="flag-score">
        <span class="number strong">{value === null ? flag.cause : score(value)}</span>
        <ShareBar share={value ?? 0} tone="bad" />
      </span>
      <span class="flag-what">
        <span class="request-line">
          <span class="clip">
            <strong>
              <Untrusted text={flag.principal} most={60} />
            </strong>{' '}
            <span class="second">
              on <Untrusted text={flag.database} most={63} />
            </span>
          </span>
          <span class="second">
            {verdict !== null && (verdict.verdict === 'true' ? 'true · ' : 'false · ')}
            <TimeAgo at={flag.at} />
          </span>
        </span>
        <code class="clip">
          <Untrusted text={flag.sql} most={200} />
        </code>
      </span>
    </div>
  );
}
