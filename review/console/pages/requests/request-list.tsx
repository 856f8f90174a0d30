import type { AccessRequest } from '../../api/answers.ts';
import { Icon } from '../../components/icon.tsx';
import { Countdown, TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { RequestMark } from './request-mark.tsx';

interface RequestListProps {
  readonly requests: readonly AccessRequest[];
  /** Id of the one that is shown beside the list. */
  readonly shown: string | null;
  readonly hrefOf: (request: AccessRequest) => string;
}

export function RequestList({ requests, shown, hrefOf }: RequestListProps) {
  return (
    <ul class="request-list" aria-label="Requests">
      {requests.map((request) => (
        <li key={request.id}>
          <a href={hrefOf(request)} aria-current={request.id === shown ? 'true' : undefined}>
            <Line request={request} />
          </a>
        </li>
      ))}
    </ul>
  );
}

function Line({ request }: { readonly request: AccessRequest }) {
  const { principal, database, reason, state, askedAt, triage, emergency } = request;
  return (
    <>
      <span class="request-line">
        <span class="clip">
          <strong>
            <Untrusted text={principal.id} most={60} />
          </strong>{' '}
          <span class="second">
            on <Untrusted text={database} most={63} />
          </span>
        </span>
        <RequestMark request={request} />
      </span>
      <span class="request-why">
        <Untrusted text={reason} most={200} />
      </span>
      <span class="request-line second">
        <span>
          asked <TimeAgo at={askedAt} />
        </span>
        {emergency && (
          <span class="mark-bad">
            <Icon name="warning" /> emergency
          </span>
        )}
        {triage?.suspicious === true && (
          <span class="mark-bad">
            <Icon name="warning" /> suspicious
          </span>
        )}
        {state.kind === 'pending' && (
          <span>
            <Countdown to={state.expiresAt} done="over" /> left
          </span>
        )}
      </span>
    </>
  );
}
