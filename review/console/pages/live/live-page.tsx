/** Who is connected now, and why. */
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Session } from '../../api/answers.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useAddressFilter } from '../../components/use-address-filter.ts';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { followGrants, grants } from '../../state/grants.ts';
import { type LiveSession, openSessions, sessionsLoaded } from '../../state/sessions.ts';
import { smallScreen } from '../../state/small-screen.ts';
import { EndDialog } from './end-dialog.tsx';
import { matcherOf } from './session-filter.ts';
import { SessionHeader, SessionRow } from './session-row.tsx';

/** px; the second where a row is folded into a card. */
const [ROW, CARD] = [60, 224];

export function LivePage() {
  useEffect(followGrants, []);
  const { route } = useLocation();
  const { filter, change } = useAddressFilter();
  const selected = useSignal<number | null>(null);
  const ending = useSignal<Session | null>(null);
  const shown = useComputed(() => {
    const matches = matcherOf(filter.value);
    return openSessions.value.filter((session) => {
      const { grant, ...rest } = session.peek();
      return matches({ ...rest, grant, why: grants.value.get(grant) ?? null });
    });
  });
  return (
    <>
      <PageHeader title="Live" note={<Count shown={shown.value.length} all={openSessions.value.length} />}>
        <FilterBox
          label="Filter by anything shown"
          value={filter.value}
          change={(value) => {
            change(value);
            selected.value = null;
          }}
        />
      </PageHeader>
      {shown.value.length === 0 ? (
        <Nothing filtered={openSessions.value.length > 0} />
      ) : (
        <VirtualRows<LiveSession>
          label="Open sessions"
          items={shown.value}
          rowHeight={smallScreen.value ? CARD : ROW}
          keyOf={(session) => session.peek().session}
          header={smallScreen.value ? undefined : <SessionHeader />}
          row={(session) => (
            <SessionRow
              session={session}
              end={() => {
                ending.value = session.peek();
              }}
            />
          )}
          selected={selected.value}
          select={(index) => {
            selected.value = index;
          }}
          open={(session) => route(`/sessions/${session.peek().session}`)}
        />
      )}
      <EndDialog
        session={ending.value}
        close={() => {
          ending.value = null;
        }}
      />
    </>
  );
}

function Count({ shown, all }: { readonly shown: number; readonly all: number }) {
  return <span class="number">{shown === all ? `${all} open` : `${shown} of ${all} open`}</span>;
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  if (!sessionsLoaded.value) return <p class="loading">Looking who is connected …</p>;
  if (filtered)
    return <EmptyState title="No open session matches">Clear the filter to see all of them.</EmptyState>;
  return (
    <EmptyState
      title="Nobody is connected"
      command={'bin/postern psql --request --db shop --reason "why does order 4711 hang?"'}
    >
      Sessions show up here as they open, with who it is, why they may, and what they do. This opens one:
    </EmptyState>
  );
}
