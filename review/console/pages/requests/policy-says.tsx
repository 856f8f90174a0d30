import type { AccessRequest } from '../../api/answers.ts';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';

/** By which rule it is decided, and by whom. */
export function PolicySays({
  request: { rule, revision, notes, state },
}: {
  readonly request: AccessRequest;
}) {
  return (
    <section class="section card">
      <h3>The policy</h3>
      <p>
        {rule === null ? (
          'No rule is about it, so somebody has to look.'
        ) : (
          <>
            Rule{' '}
            <strong>
              <Untrusted text={rule} />
            </strong>
          </>
        )}{' '}
        <span class="second" title={revision}>
          revision {revision.slice(0, 8)}
        </span>
      </p>
      {state.kind === 'pending' && (
        <p>
          {state.review.groups.length === 0
            ? 'Any reviewer decides'
            : `Members of ${state.review.groups.join(', ')} decide`}
          {state.review.approvals > 1 &&
            `; ${state.review.approvals} have to approve, ${state.approvals.length} have`}
          .
        </p>
      )}
      {notes.length > 0 && (
        <ul class="reasons">
          {notes.map((note) => (
            <li key={note}>
              <Untrusted text={note} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What became of it, by whom, and why. */
export function Outcome({ request: { state, aftercare } }: { readonly request: AccessRequest }) {
  if (state.kind === 'denied')
    return (
      <p class="outcome" data-decision="deny">
        Denied by {state.by === null ? 'the policy' : <Untrusted text={state.by} />} <TimeAgo at={state.at} />
        : <Untrusted text={state.reason} most={1_000} />
      </p>
    );
  if (state.kind === 'pending' && state.approvals.length === 0) return null;
  if (state.kind !== 'approved' && state.kind !== 'pending') return null;
  return (
    <div class="outcome" data-decision="allow">
      {state.approvals.length === 0 && <p>Granted at once by the policy</p>}
      {state.approvals.map(({ by, at, comment }) => (
        <p key={by}>
          Approved by <Untrusted text={by} /> <TimeAgo at={at} />
          {comment !== '' && (
            <>
              : <Untrusted text={comment} most={1_000} />
            </>
          )}
        </p>
      ))}
      {aftercare?.finding && (
        <p>
          Afterwards found {aftercare.finding.finding} by <Untrusted text={aftercare.finding.by} />:{' '}
          <Untrusted text={aftercare.finding.comment} most={1_000} />
        </p>
      )}
    </div>
  );
}
