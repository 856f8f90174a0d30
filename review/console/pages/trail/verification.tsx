import type { Answers } from '../../api/answers.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { TimeAgo } from '../../components/time.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { duration } from '../../text/durations.ts';
import { percent, whole } from '../../text/quantities.ts';

type State = Answers['getTrail']['verification'];
type Done = Extract<State, { readonly kind: 'done' }>;

interface VerificationProps {
  readonly verification: State;
  readonly verify: () => void;
}

/** Each event has the hash of the one before: what was changed, taken out or moved shows. */
export function Verification({ verification, verify }: VerificationProps) {
  return (
    <section class="section">
      <div class="request-line">
        <h2>Is it whole?</h2>
        <button
          type="button"
          class="button primary"
          disabled={verification.kind === 'running'}
          onClick={verify}
        >
          Verify now
        </button>
      </div>
      <Result verification={verification} />
    </section>
  );
}

function Result({ verification }: { readonly verification: State }) {
  switch (verification.kind) {
    case 'never':
      return (
        <EmptyState title="Not verified on this node yet" command="bin/postern audit verify --spool DIR">
          Every event has the hash of the one before. Verifying reads all of them, and names the first that
          was changed, taken out or moved. Elsewhere, without this server:
        </EmptyState>
      );
    case 'running':
      return (
        <div
          role="progressbar"
          aria-label="Verifying"
          aria-valuenow={Math.round(verification.done * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <p>
            Reading every event: <span class="number">{percent(verification.done)}</span>
          </p>
          <ShareBar share={verification.done} />
        </div>
      );
    case 'failed':
      return (
        <p class="outcome" data-decision="deny">
          The check did not come to its end <TimeAgo at={verification.endedAt} />:{' '}
          <Untrusted text={verification.message} most={600} />
        </p>
      );
    case 'done':
      return <Report done={verification} />;
    default:
      return verification satisfies never;
  }
}

function Report({ done: { ok, events, streams, startedAt, endedAt, by } }: { readonly done: Done }) {
  const broken = streams.filter(({ breaks }) => breaks > 0).length;
  return (
    <>
      <p class="outcome verified" data-decision={ok ? 'allow' : 'deny'} role="status">
        <Icon name={ok ? 'allow' : 'warning'} />
        <span>
          <strong>
            {ok
              ? 'Whole'
              : `Broken in ${broken} of ${streams.length} ${streams.length === 1 ? 'stream' : 'streams'}`}
          </strong>
          : {whole(events)} events read in {duration(Date.parse(endedAt) - Date.parse(startedAt))}, for{' '}
          <Untrusted text={by} most={60} />, <TimeAgo at={endedAt} />
        </span>
      </p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col" class="right">
              Events
            </th>
            <th scope="col">Its last event</th>
            <th scope="col">Signed up to</th>
            <th scope="col">First break</th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <tr key={stream.name}>
              <td>
                <Untrusted text={stream.name} />
              </td>
              <td class="right number">{whole(stream.events)}</td>
              <td>
                {stream.head && (
                  <code
                    title={stream.head.hash}
                  >{`${stream.head.seq} ${stream.head.hash.slice(0, 12)}`}</code>
                )}
              </td>
              <td>
                <Signature stream={stream} />
              </td>
              <td>
                <Break stream={stream} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Signature({ stream: { signed, unknownKeys } }: { readonly stream: Done['streams'][number] }) {
  if (signed !== null)
    return (
      <span title={`by the key ${signed.key}`}>
        event <span class="number">{whole(signed.seq)}</span>, <TimeAgo at={signed.at} />
      </span>
    );
  if (unknownKeys.length === 0) return <span class="second">nothing is signed</span>;
  return (
    <span class="mark-bad">
      by a key that nobody knows here: <Untrusted text={unknownKeys.join(', ')} most={200} />
    </span>
  );
}

function Break({ stream: { firstBreak, breaks } }: { readonly stream: Done['streams'][number] }) {
  if (firstBreak === null) return <span class="second">none</span>;
  const { place, fault, detail, seq } = firstBreak;
  return (
    <>
      <strong class="mark-bad">
        <Icon name="warning" /> <Untrusted text={fault} />
      </strong>{' '}
      at{' '}
      <code>
        <Untrusted text={place} />
      </code>
      {seq !== null && `, event ${seq}`}: <Untrusted text={detail} most={400} />
      {breaks > 1 && <span class="second"> and {whole(breaks - 1)} more</span>}
    </>
  );
}
