import { useSignal } from '@preact/signals';
import type { AccessRequest, Me } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { tell } from '../../components/toasts.tsx';
import { isOwn } from './request-state.ts';

interface ConcludeFormProps {
  readonly me: Me;
  readonly request: AccessRequest;
  readonly done: () => void;
}

/** Of an emergency, afterwards: whether it was one. */
export function ConcludeForm({ me, request, done }: ConcludeFormProps) {
  const words = useSignal('');
  const { id, aftercare, state } = request;
  if (aftercare === undefined || aftercare.finding !== null || state.kind !== 'approved') return null;
  if (!me.roles.includes('reviewer') || isOwn(me, request)) return null;
  const conclude = async (finding: 'justified' | 'unjustified'): Promise<void> => {
    await post(`/v1/requests/${id}/conclude`, { finding, comment: words.value }).then(
      () => tell(`Found ${finding}`),
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
    done();
  };
  return (
    <form class="decide-form" aria-label="Review the emergency" onSubmit={(event) => event.preventDefault()}>
      <h3>Was it an emergency?</h3>
      <p class="second">
        <a href={`/sessions?grant=${state.grant}`}>What was done with it</a> is in the sessions of its grant.
      </p>
      <label>
        What you have found
        <textarea
          rows={2}
          maxLength={1_000}
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
      </label>
      <div class="dialog-buttons">
        {(['unjustified', 'justified'] as const).map((finding) => (
          <button
            key={finding}
            type="button"
            class={finding === 'justified' ? 'button primary' : 'button danger'}
            disabled={words.value.trim() === ''}
            onClick={() => void conclude(finding)}
          >
            {finding === 'justified' ? 'Justified' : 'Unjustified'}
          </button>
        ))}
      </div>
    </form>
  );
}
