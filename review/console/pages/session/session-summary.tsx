import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { SessionDetail } from '../../api/answers.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { Countdown, CountUp, TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { duration } from '../../text/durations.ts';
import { byteSize, score, short, whole } from '../../text/quantities.ts';
import { EndDialog } from '../live/end-dialog.tsx';

/** Who it was, why they were let in, and what it came to. */
export function SessionSummary({ session }: { readonly session: SessionDetail }) {
  const ending = useSignal(false);
  const { principal, database, application, client, node, state, why } = session;
  return (
    <>
      <PageHeader
        title={
          <>
            <Untrusted text={principal} most={60} /> <span class="on">on</span>{' '}
            <Untrusted text={database} most={63} />
          </>
        }
        note={<State session={session} />}
      >
        {state === 'open' && (
          <button
            type="button"
            class="button danger"
            onClick={() => {
              ending.value = true;
            }}
          >
            End …
          </button>
        )}
      </PageHeader>
      <p class="session-why">
        {why === null ? (
          'Why they were let in is no longer known.'
        ) : (
          <>
            {why.grant.ticket && (
              <>
                <strong>
                  <Untrusted text={why.grant.ticket} most={80} />
                </strong>{' '}
              </>
            )}
            {why.grant.reason ? <Untrusted text={why.grant.reason} most={400} /> : 'No reason was given.'}
          </>
        )}
      </p>
      <dl class="facts">
        <Fact name="Grant">
          <a href={`/grants?id=${session.grant}`}>{session.grant}</a>
          {why && why.grant.approvedBy.length > 0 && (
            <>
              {' '}
              by <Untrusted text={why.grant.approvedBy.join(', ')} most={80} />
            </>
          )}
        </Fact>
        {why?.request && (
          <Fact name="Request">
            <a href={`/requests?id=${why.request.id}`}>{why.request.id}</a>
            {why.request.emergency && ' (emergency)'}
          </Fact>
        )}
        <Fact name="Client">
          <Untrusted text={application ?? 'no application name'} most={60} /> from {client}
        </Fact>
        <Fact name="Node">
          <Untrusted text={node} most={60} />
        </Fact>
        <Fact name="Statements">
          {whole(session.statements)}
          {session.denied > 0 && (
            <span class="second" data-some>
              {' '}
              {whole(session.denied)} denied
            </span>
          )}
        </Fact>
        <Fact name="Rows">{short(session.rows)}</Fact>
        <Fact name="Bytes">{byteSize(session.bytes)}</Fact>
        <Fact name="Alarms">
          {whole(session.alarms)}
          {session.risk !== null && <span class="second"> up to {score(session.risk)}</span>}
        </Fact>
      </dl>
      <EndDialog
        session={ending.value ? session : null}
        close={() => {
          ending.value = false;
        }}
      />
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  );
}

function State({
  session: { state, since, endedAt, endReason, endDetail, budget },
}: {
  readonly session: SessionDetail;
}) {
  if (state === 'open')
    return (
      <>
        open for <CountUp from={since} />
        {budget && (
          <>
            , its grant ends in <Countdown to={budget.expiresAt} done="no time" />
          </>
        )}
      </>
    );
  if (endedAt === null)
    return (
      <>
        began <TimeAgo at={since} />; its end was never written
      </>
    );
  return (
    <>
      <TimeAgo at={since} />, for {duration(Date.parse(endedAt) - Date.parse(since))};{' '}
      {ENDS[endReason ?? ''] ?? endReason}
      {endDetail && (
        <>
          : <Untrusted text={endDetail} most={160} />
        </>
      )}
    </>
  );
}

const ENDS: Readonly<Record<string, string>> = {
  client: 'closed by the client',
  expired: 'ended when its grant did',
  revoked: 'ended, since its grant was revoked',
  ended: 'ended by a reviewer',
  'store-lost': 'ended, since Redis was out of reach',
  upstream: 'ended by the database',
  protocol: 'ended for a violation of the protocol',
  drift: 'ended, since a pinned setting changed',
  risk: 'ended by the risk model',
  drain: 'ended by a shutdown',
  spool: 'ended, since the trail could not be written',
  error: 'failed',
};
