import type { SpooledEvent } from '../../api/answers.ts';
import { DecisionMark } from '../../components/decision-mark.tsx';
import { Untrusted } from '../../components/untrusted.tsx';
import { absolute } from '../../text/durations.ts';
import { summaryOf, whereOf, whoOf } from './event-facts.ts';
import { typeInWords } from './event-kinds.ts';

const COLUMNS = ['When', 'What', 'Who', 'Where', ''] as const;

export function EventHeader() {
  return (
    <div class="event-row">
      {COLUMNS.map((title) => (
        <span key={title} role="columnheader">
          {title || <span class="visually-hidden">Summary</span>}
        </span>
      ))}
    </div>
  );
}

export function EventRow({ event }: { readonly event: SpooledEvent }) {
  return (
    <div class="event-row">
      <span role="cell" class="number second" title={absolute(Date.parse(event.at))}>
        {SHORT.format(Date.parse(event.at))}
      </span>
      <span role="cell">
        {event.type === 'statement' ? (
          <DecisionMark decision={event.decision} />
        ) : (
          <span class="event-type">{typeInWords(event.type)}</span>
        )}
      </span>
      <span role="cell" class="clip">
        <Untrusted text={whoOf(event)} most={60} />
      </span>
      <span role="cell" class="clip second">
        <Untrusted text={whereOf(event)} most={63} />
      </span>
      <code role="cell" class="clip event-summary">
        <Untrusted text={summaryOf(event)} most={240} />
      </code>
    </div>
  );
}

const SHORT = new Intl.DateTimeFormat('en-GB', {
  ...{ month: 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
});
