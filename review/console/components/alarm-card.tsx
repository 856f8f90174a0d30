/** An alarm: how high, why, and whether it was one. */
import { useSignal } from '@preact/signals';
import type { Alarm } from '../api/answers.ts';
import { post } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { hasRole, who } from '../state/who.ts';
import { score } from '../text/quantities.ts';
import { Icon } from './icon.tsx';
import { TimeAgo } from './time.tsx';
import { tell } from './toasts.tsx';
import { Untrusted } from './untrusted.tsx';

interface AlarmCardProps {
  readonly alarm: Alarm;
  /** Hears of a verdict that is given here. */
  readonly judged: (verdict: NonNullable<Alarm['verdict']>) => void;
  /** Whose session it is: nobody judges their own. */
  readonly own: string;
}

const ACTIONS = {
  flag: 'flagged, and let pass',
  hold: 'held for a reviewer',
  end: 'its session was ended',
} as const;

export function AlarmCard({ alarm, judged, own }: AlarmCardProps) {
  const { flag, verdict } = alarm;
  const mayJudge = hasRole('reviewer') && who.value.kind === 'known' && who.value.me.id !== own;
  return (
    <section class="alarm-card">
      <h3>
        <Icon name="flags" /> Alarm: {ACTIONS[flag.action]}
      </h3>
      <div class="scores">
        <Score name="This statement" value={flag.score} by={flag.cause === 'statement'} />
        <Score name="Its session" value={flag.sessionScore} by={flag.cause === 'session'} />
      </div>
      <Reasons reasons={flag.reasons} weights={flag.weights ?? []} />
      {flag.news.length > 0 && (
        <ul class="reasons-plain second">
          {flag.news.map((sentence) => (
            <li key={sentence}>
              <Untrusted text={sentence} most={400} />
            </li>
          ))}
        </ul>
      )}
      {verdict && <Verdict verdict={verdict} />}
      {mayJudge && <Judge id={flag.alarm} judged={judged} again={verdict !== null} />}
    </section>
  );
}

function Score({
  name,
  value,
  by,
}: {
  readonly name: string;
  readonly value: number | null;
  readonly by: boolean;
}) {
  return (
    <div class="score" data-by={by || undefined}>
      <span>{name}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="meter-ground" width="100" height="6" />
        <rect class="score-value" width={(value ?? 0) * 100} height="6" />
      </svg>
      <span class="number">{value === null ? 'none' : score(value)}</span>
    </div>
  );
}

/** The weightiest first. */
function Reasons({
  reasons,
  weights,
}: {
  readonly reasons: readonly string[];
  readonly weights: readonly number[];
}) {
  const most = Math.max(...weights, 0.001);
  return (
    <ol class="risk-reasons">
      {reasons.map((reason, number) => (
        <li key={reason}>
          <Untrusted text={reason} most={400} />
          {weights[number] !== undefined && <Weight value={weights[number]} most={most} />}
        </li>
      ))}
    </ol>
  );
}

function Weight({ value, most }: { readonly value: number; readonly most: number }) {
  return (
    <div class="weight" title="What it adds to the score, in log-odds">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="meter-ground" width="100" height="6" />
        <rect class="score-value" width={(value / most) * 100} height="6" />
      </svg>
      <span class="number">+{value.toFixed(2)}</span>
    </div>
  );
}

function Verdict({
  verdict: { verdict, by, note, at },
}: {
  readonly verdict: NonNullable<Alarm['verdict']>;
}) {
  return (
    <p class="verdict" data-verdict={verdict}>
      <Icon name={verdict === 'true' ? 'warning' : 'allow'} />
      <span>
        {verdict === 'true' ? 'A true alarm' : 'A false alarm'}, says <Untrusted text={by} most={60} />{' '}
        <TimeAgo at={at} />
        {note && (
          <>
            : <Untrusted text={note} most={400} />
          </>
        )}
      </span>
    </p>
  );
}

interface JudgeProps {
  readonly id: string;
  readonly again: boolean;
  readonly judged: AlarmCardProps['judged'];
}

function Judge({ id, again, judged }: JudgeProps) {
  const note = useSignal('');
  const busy = useSignal(false);
  const judge = async (verdict: 'true' | 'false'): Promise<void> => {
    busy.value = true;
    try {
      const { by } = await post<{ readonly by: string }>(`/v1/alarms/${encodeURIComponent(id)}/verdict`, {
        verdict,
        note: note.value,
      });
      const event = { type: 'risk.verdict', alarm: id, verdict, by, note: note.value || null } as const;
      judged({ ...event, at: new Date().toISOString(), ...UNSPOOLED });
      tell(verdict === 'true' ? 'Marked as a true alarm' : 'Marked as a false alarm');
      note.value = '';
    } catch (fault) {
      tell(problemOf(fault).message, 'bad');
    }
    busy.value = false;
  };
  return (
    <form class="judge" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span class="visually-hidden">Why, for the trail</span>
        <input
          placeholder="Why, for the trail"
          value={note}
          maxLength={1_000}
          onInput={(event) => {
            note.value = event.currentTarget.value;
          }}
        />
      </label>
      <button
        type="button"
        class="button small"
        data-verdict="true"
        disabled={busy}
        onClick={() => void judge('true')}
      >
        <Icon name="warning" /> True alarm
      </button>
      <button
        type="button"
        class="button small"
        data-verdict="false"
        disabled={busy}
        onClick={() => void judge('false')}
      >
        <Icon name="allow" /> False alarm
      </button>
      {again && <span class="second">The last word counts.</span>}
    </form>
  );
}

/** What only the trail knows of an event, and nothing here shows. */
const UNSPOOLED = { seq: 0, node: '', prev: '', hash: '' } as const;
