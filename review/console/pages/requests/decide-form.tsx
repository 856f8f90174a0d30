import { useSignal } from '@preact/signals';
import type { AccessRequest, Me } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { Icon } from '../../components/icon.tsx';
import { tell } from '../../components/toasts.tsx';
import { exclusionsOf, linesOf, permissionKey, permissionsOf, written } from '../../text/scope.ts';
import { spanField } from '../../text/spans.ts';
import { NarrowFields, type Narrowing } from './narrow-fields.tsx';
import { mayDecide, termsOf } from './request-state.ts';

interface DecideFormProps {
  readonly me: Me;
  readonly request: AccessRequest;
  readonly done: () => void;
}

/** Approve it, less of it, or none of it. */
export function DecideForm({ me, request, done }: DecideFormProps) {
  const words = useSignal('');
  const busy = useSignal(false);
  const narrowing = useSignal<Narrowing | null>(null);
  const decision = mayDecide(me, request);
  if (!decision.may) return decision.why === null ? null : <p class="second">{decision.why}</p>;

  const decide = async (verb: 'approve' | 'deny', body: object, said: string): Promise<void> => {
    busy.value = true;
    await post(`/v1/requests/${request.id}/${verb}`, body).then(
      () => tell(said),
      (fault: unknown) => tell(problemOf(fault).message, 'bad'),
    );
    busy.value = false;
    done();
  };
  const comment = words.value.trim();

  return (
    <form class="decide-form" aria-label="Decide" onSubmit={(event) => event.preventDefault()}>
      {narrowing.value && <NarrowFields request={request} narrowing={narrowing} />}
      <label>
        Comment of an approval, or the reason of a denial: whoever asked reads it
        <textarea
          rows={2}
          maxLength={1_000}
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
      </label>
      <div class="dialog-buttons">
        <button
          type="button"
          class="button danger"
          disabled={busy.value || comment === ''}
          title={comment === '' ? 'Say why first' : undefined}
          onClick={() => void decide('deny', { reason: comment }, 'Denied')}
        >
          <Icon name="deny" /> Deny
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={narrowing.value !== null}
          onClick={() => (narrowing.value = narrowing.value === null ? untouched(request) : null)}
        >
          Narrow …
        </button>
        <button
          type="button"
          class="button primary"
          disabled={busy.value}
          onClick={() =>
            void decide(
              'approve',
              { comment, ...(narrowing.value && bodyOf(request, narrowing.value)) },
              narrowing.value ? 'Approved, narrowed' : 'Approved',
            )
          }
        >
          <Icon name="allow" /> {narrowing.value ? 'Approve this much' : 'Approve'}
        </button>
      </div>
    </form>
  );
}

function untouched(request: AccessRequest): Narrowing {
  const { scope, ttl } = termsOf(request);
  return {
    kept: new Set(permissionsOf(scope).map(permissionKey)),
    lines: written(scope),
    by: 'choice',
    ttl: spanField(ttl),
  };
}

/** Only what is said: what stays untouched is granted as it is. */
function bodyOf(request: AccessRequest, { by, kept, lines, ttl }: Narrowing): object {
  const { scope, ttl: before } = termsOf(request);
  const all = permissionsOf(scope);
  const left = all.filter((each) => kept.has(permissionKey(each)));
  const allow = by === 'choice' ? left.map(permissionKey) : linesOf(lines);
  const changed = by === 'choice' ? left.length < all.length : lines.trim() !== written(scope);
  const named = new Set(allow.flatMap((line) => line.slice(0, line.indexOf(':')).split(',')));
  const deny = exclusionsOf(
    scope,
    all.filter(({ action }) => named.has(action) || named.has('*')),
  );
  return { ...(changed && { allow, deny }), ...(ttl !== spanField(before) && { ttl }) };
}
