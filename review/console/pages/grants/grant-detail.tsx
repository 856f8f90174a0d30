import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Answers } from '../../api/answers.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ScopeList } from '../../components/scope-list.tsx';
import { Countdown, TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { grants } from '../../state/grants.ts';
import { byteSize, short } from '../../text/quantities.ts';
import { EndGrantDialog } from './end-grant-dialog.tsx';
import { type Ending, endingsOf } from './endings.ts';

type Grant = Answers['getGrant'];

/** ms between looks at what has been used of it. */
const LOOK = 5_000;

export function GrantDetail({ id }: { readonly id: string }) {
  const { answer, problem, again } = useAnswer<Grant>(`/v1/grants/${encodeURIComponent(id)}`);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, LOOK);
    return () => clearInterval(timer);
  }, [again]);
  const over = problem?.status === 404;
  return (
    <article class="detail" aria-label="Grant">
      <a class="back" href="/grants">
        ← All grants
      </a>
      {over && <Over id={id} />}
      {problem && !over && <ProblemNotice problem={problem} retry={again} />}
      {answer && !over && <InForce grant={answer} />}
    </article>
  );
}

/** What it was is in the trail. */
function Over({ id }: { readonly id: string }) {
  return (
    <>
      <h2>Grant {id} is not in force</h2>
      <p class="facts">
        <a href={`/sessions?grant=${id}`}>Its sessions</a>
        <a href={`/trail?grant=${id}`}>All that the trail has of it</a>
      </p>
    </>
  );
}

function InForce({ grant }: { readonly grant: Grant }) {
  const ending = useSignal<Ending | null>(null);
  // how long it lasts is known anew as soon as it is extended
  const expiresAt = grants.value.get(grant.id)?.expiresAt ?? grant.expiresAt;
  return (
    <>
      <header class="detail-head">
        <div class="request-line">
          <h2>
            <Untrusted text={grant.principal.id} /> on <Untrusted text={grant.database} />
          </h2>
          <span class="grant-left">
            <Countdown to={expiresAt} done="over" /> <span class="second">left</span>
          </span>
        </div>
        <blockquote class="reason">
          {grant.reason === '' ? (
            <span class="second">no reason given</span>
          ) : (
            <Untrusted text={grant.reason} most={2_000} />
          )}
        </blockquote>
        <Facts grant={grant} />
      </header>
      <section class="section">
        <h3>What it allows</h3>
        <ScopeList scope={grant.scope} />
        {grant.outOfScope === 'hold' && <p class="second">Anything else waits for a reviewer.</p>}
      </section>
      <Used grant={grant} />
      <Sessions grant={grant} />
      <div class="dialog-buttons">
        {endingsOf(grant).map((each) => (
          <button
            key={each.verb}
            type="button"
            class={each.verb === 'revoke' ? 'button danger' : 'button'}
            onClick={() => (ending.value = each)}
          >
            {each.label} …
          </button>
        ))}
      </div>
      <EndGrantDialog grant={grant} ending={ending.value} close={() => (ending.value = null)} />
    </>
  );
}

function Facts({ grant }: { readonly grant: Grant }) {
  const { id, principal, ticket, approvedBy, issuedAt, limits, request } = grant;
  return (
    <p class="facts">
      <span>
        grant <code>{id}</code>
      </span>
      <span>
        since <TimeAgo at={issuedAt} />
      </span>
      {principal.actsFor !== undefined && (
        <span>
          agent of <Untrusted text={principal.actsFor} />
        </span>
      )}
      {principal.teams.length > 0 && (
        <span>
          team <Untrusted text={principal.teams.join(', ')} />
        </span>
      )}
      {ticket !== null && (
        <span>
          ticket <Untrusted text={ticket} />
        </span>
      )}
      <span>
        {approvedBy.length === 0 ? (
          'no approver is named'
        ) : (
          <>
            approved by <Untrusted text={approvedBy.join(', ')} />
          </>
        )}
      </span>
      {request !== null && (
        <span>
          request <a href={`/requests?view=history&id=${request}`}>{request}</a>
        </span>
      )}
      {limits.from !== null && <span>only from {limits.from.join(', ')}</span>}
    </p>
  );
}

function Used({ grant: { usage, limits, sessions } }: { readonly grant: Grant }) {
  return (
    <section class="section">
      <h3>Used of it</h3>
      <div class="grant-meters">
        <Meter label="rows" value={usage.rows} most={limits.rows} show={short} />
        <Meter label="bytes" value={usage.bytes} most={limits.bytes} show={byteSize} />
        <Meter label="statements" value={usage.statements} most={limits.statements} show={short} />
        <Meter label="logins" value={usage.logins} most={limits.logins} show={short} />
        <Meter label="connections" value={sessions.length} most={limits.connections} show={short} />
      </div>
      {limits.rowsPerStatement !== null && (
        <p class="second">A statement returns {short(limits.rowsPerStatement)} rows at most.</p>
      )}
    </section>
  );
}

function Sessions({ grant: { id, sessions } }: { readonly grant: Grant }) {
  return (
    <section class="section">
      <h3>Sessions</h3>
      <ul>
        {sessions.map(({ session, application, client, since }) => (
          <li key={session}>
            <a href={`/sessions/${session}`}>
              {application ? <Untrusted text={application} most={80} /> : 'no application name'}
            </a>{' '}
            <span class="second">
              from <span class="number">{client}</span>, <TimeAgo at={since} />
            </span>
          </li>
        ))}
      </ul>
      <p class="second">
        {sessions.length === 0 && 'None is open. '}
        <a href={`/sessions?grant=${id}`}>Those that are over</a>
      </p>
    </section>
  );
}
