import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventsAnswer, SpooledEvent } from '../../api/answers.ts';
import { usePages } from '../../api/use-pages.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { smallScreen } from '../../state/small-screen.ts';
import { whole } from '../../text/quantities.ts';
import { EventDetail } from './event-detail.tsx';
import { eventKey } from './event-facts.ts';
import { EventHeader, EventRow } from './event-row.tsx';
import { apiQuery, type Search } from './search-query.ts';

/** px; the second where a row is folded. */
const [ROW, CARD] = [36, 74];
const PAGE = 200;

const eventsOf = ({ events }: EventsAnswer): readonly SpooledEvent[] => events;

export function EventsView({ search }: { readonly search: Search }) {
  const { items, problem, more, load, again } = usePages(
    '/v1/events',
    { ...apiQuery(search), limit: PAGE },
    eventsOf,
  );
  const selected = useSignal<string | null>(null);
  /** How many rows are, or soon will be, in sight. */
  const wanted = useSignal(0);
  const events = items ?? [];
  const isShort = more && problem === null && wanted.value >= events.length;
  useEffect(() => {
    if (isShort) load(); // a page may have fewer than were asked for, or none
  });
  const index = events.findIndex((event) => eventKey(event) === selected.value);
  const shown = events[index];
  return (
    <>
      {problem && <ProblemNotice problem={problem} retry={again} />}
      <p class="second trail-count" role="status">
        {items === null
          ? 'Searching …'
          : `${whole(events.length)}${more ? ' and more' : ''} ${events.length === 1 && !more ? 'event' : 'events'}`}
      </p>
      {items !== null && events.length === 0 && !more ? (
        <Nothing asked={Object.keys(search).length > 0} />
      ) : (
        <div class="trail-events" data-open={shown !== undefined || undefined}>
          <VirtualRows<SpooledEvent>
            label="Events"
            items={events}
            rowHeight={smallScreen.value ? CARD : ROW}
            keyOf={eventKey}
            header={smallScreen.value ? undefined : <EventHeader />}
            row={(event) => <EventRow event={event} />}
            selected={index < 0 ? null : index}
            select={(at) => {
              selected.value = eventKey(events[at]!);
            }}
            seen={(_, to) => {
              wanted.value = to;
            }}
          />
          {shown && (
            <EventDetail
              key={eventKey(shown)}
              event={shown}
              close={() => {
                selected.value = null;
              }}
            />
          )}
        </div>
      )}
    </>
  );
}

function Nothing({ asked }: { readonly asked: boolean }) {
  return asked ? (
    <EmptyState title="Nothing in the trail is like that">
      All that is said has to hold, and names are compared in full. Fewer words, or a longer time, find more.
    </EmptyState>
  ) : (
    <EmptyState title="The trail has nothing of yours yet" command="bin/postern audit tail -f">
      Every statement, and all that is decided about access, is here before it is done. A terminal shows it as
      it comes:
    </EmptyState>
  );
}
