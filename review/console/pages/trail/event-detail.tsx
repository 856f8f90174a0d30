import type { SpooledEvent } from '../../api/answers.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { DecisionMark } from '../../components/decision-mark.tsx';
import { Icon } from '../../components/icon.tsx';
import { SqlText } from '../../components/sql-text.tsx';
import { Untrusted, VisibleText } from '../../components/untrusted.tsx';
import { absolute } from '../../text/durations.ts';
import { membersOf } from './event-facts.ts';
import { typeInWords } from './event-kinds.ts';

interface EventDetailProps {
  readonly event: SpooledEvent;
  readonly close: () => void;
}

/** Shown by themselves, or in the title. */
const ELSEWHERE: ReadonlySet<string> = new Set(['sql', 'type', 'at', 'decision']);
/** Where it stands in the chain: what is looked at last. */
const CHAIN: ReadonlySet<string> = new Set(['node', 'seq', 'prev', 'hash']);

/** All that the trail has of an event. */
export function EventDetail({ event, close }: EventDetailProps) {
  const members = membersOf(event);
  const { sql } = members;
  const told = Object.entries(members).filter(([name, value]) => !ELSEWHERE.has(name) && value !== null);
  return (
    <article class="detail event-detail" aria-label="Event">
      <header class="request-line">
        <h2>{typeInWords(event.type)}</h2>
        {event.type === 'statement' && <DecisionMark decision={event.decision} />}
        <span class="second">{absolute(Date.parse(event.at))}</span>
        <button type="button" class="icon-button" aria-label="Close the event" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <Links event={event} />
      {typeof sql === 'string' && <SqlText sql={sql} formatted />}
      <dl class="members">
        {[...told.filter(([name]) => !CHAIN.has(name)), ...told.filter(([name]) => CHAIN.has(name))].map(
          ([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Value value={value} />
              </dd>
            </div>
          ),
        )}
      </dl>
      <CopyButton text={JSON.stringify(event)} label="Copy as JSON" />
    </article>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (typeof value === 'string') return <Untrusted text={value} most={2_000} />;
  if (typeof value !== 'object') return <span class="number">{String(value)}</span>;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return (
      <ul>
        {value.map((each, index) => (
          <li key={index}>
            <Untrusted text={each} most={1_000} />
          </li>
        ))}
      </ul>
    );
  return (
    <pre class="json" tabIndex={0}>
      <VisibleText text={JSON.stringify(value, null, 2)} layout />
    </pre>
  );
}

/** To what it belongs. */
function Links({ event }: { readonly event: SpooledEvent }) {
  const { session, grant, request, statement } = membersOf(event);
  return (
    <p class="facts">
      {typeof session === 'string' && event.type !== 'model.request' && event.type !== 'model.answer' && (
        <a
          href={`/sessions/${encodeURIComponent(session)}${typeof statement === 'number' ? `#s${statement}` : ''}`}
        >
          {typeof statement === 'number' ? `Statement ${statement} of its session` : 'Its session'}
        </a>
      )}
      {typeof grant === 'string' && <a href={`/grants?id=${encodeURIComponent(grant)}`}>Its grant</a>}
      {typeof request === 'string' && (
        <a href={`/requests?view=history&id=${encodeURIComponent(request)}`}>Its request</a>
      )}
    </p>
  );
}
