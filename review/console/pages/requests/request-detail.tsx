import { useEffect } from 'preact/hooks';
import type { AccessRequest, Answers } from '../../api/answers.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../components/icon.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Countdown, TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { requestsChanged } from '../../state/requests.ts';
import { hasRole, OVERSEERS, who } from '../../state/who.ts';
import { AskedTerms } from './asked-terms.tsx';
import { Briefing } from './briefing.tsx';
import { ConcludeForm } from './conclude-form.tsx';
import { Connect } from './connect.tsx';
import { DecideForm } from './decide-form.tsx';
import { ModelSays } from './model-says.tsx';
import { OwnActions } from './own-actions.tsx';
import { Outcome, PolicySays } from './policy-says.tsx';
import { RequestMark } from './request-mark.tsx';
import { isOwn } from './request-state.ts';

interface RequestDetailProps {
  readonly id: string;
  /** Where the list is, on screens that show one of the two. */
  readonly back: string;
  /** Hears that something was done about it here. */
  readonly done: () => void;
}

export function RequestDetail({ id, back, done }: RequestDetailProps) {
  const { answer, problem, again } = useAnswer<Answers['getRequest']>(
    `/v1/requests/${encodeURIComponent(id)}`,
  );
  const { value: changed } = requestsChanged;
  useEffect(() => {
    if (answer !== null) again();
  }, [changed]);
  return (
    <article class="detail" aria-label="Request">
      <a class="back" href={back}>
        ← All requests
      </a>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      {answer && (
        <Request
          request={answer}
          again={() => {
            again();
            done();
          }}
        />
      )}
    </article>
  );
}

interface RequestProps {
  readonly request: AccessRequest;
  /** Has it looked at anew. */
  readonly again: () => void;
}

function Request({ request, again }: RequestProps) {
  const { value } = who;
  if (value.kind !== 'known') return null;
  const { me } = value;
  return (
    <>
      <Head request={request} />
      {isOwn(me, request) && <Connect request={request} />}
      <Outcome request={request} />
      <AskedTerms request={request} />
      <div class="sections">
        <PolicySays request={request} />
        <ModelSays request={request} />
      </div>
      {hasRole(...OVERSEERS) && <Briefing request={request} />}
      <DecideForm key={request.state.kind} me={me} request={request} done={again} />
      <ConcludeForm me={me} request={request} done={again} />
      <OwnActions me={me} request={request} done={again} />
    </>
  );
}

function Head({ request }: { readonly request: AccessRequest }) {
  const { principal, database, reason, ticket, askedAt, address, emergency, state, extension } = request;
  return (
    <header class="detail-head">
      <div class="request-line">
        <h2>
          <Untrusted text={principal.id} /> on <Untrusted text={database} />
        </h2>
        <RequestMark request={request} />
      </div>
      <blockquote class="reason">
        <Untrusted text={reason} most={2_000} />
      </blockquote>
      <p class="facts">
        <span>
          {principal.kind}
          {principal.actsFor !== undefined && (
            <>
              {' '}
              of <Untrusted text={principal.actsFor} />
            </>
          )}
          {principal.teams.length > 0 && (
            <>
              , team <Untrusted text={principal.teams.join(', ')} />
            </>
          )}
        </span>
        {ticket !== null && (
          <span>
            ticket <Untrusted text={ticket} />
          </span>
        )}
        <span>
          asked <TimeAgo at={askedAt} />
          {address !== null && ` from ${address}`}
        </span>
        {state.kind === 'pending' && (
          <span>
            expires in <Countdown to={state.expiresAt} done="no time" />
          </span>
        )}
        {extension && (
          <span>
            more time for grant <a href={`/grants?id=${extension.grant}`}>{extension.grant}</a>
          </span>
        )}
        {state.kind === 'approved' && (
          <span>
            grant <a href={`/grants?id=${state.grant}`}>{state.grant}</a>
          </span>
        )}
        {emergency && (
          <span class="mark-bad">
            <Icon name="warning" /> emergency
          </span>
        )}
      </p>
    </header>
  );
}
