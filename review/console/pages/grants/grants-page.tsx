/** Grants in force: who may do what, until when, and how much of it is used. */
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Grant } from '../../api/answers.ts';
import { withQuery } from '../../api/client.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useAddressFilter } from '../../components/use-address-filter.ts';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { followGrants, grants, grantsLoaded } from '../../state/grants.ts';
import { smallScreen } from '../../state/small-screen.ts';
import { GrantDetail } from './grant-detail.tsx';
import { matcherOf } from './grant-filter.ts';
import { GrantRow } from './grant-row.tsx';

/** px. */
const ROW = 76;

export function GrantsPage() {
  useEffect(followGrants, []);
  const { query, route } = useLocation();
  const { filter, change } = useAddressFilter();
  const all = [...grants.value.values()];
  const found = all.filter(matcherOf(filter.value));
  const shown = query.id ?? (smallScreen.value ? undefined : found[0]?.id);
  const selected = found.findIndex(({ id }) => id === shown);
  return (
    <>
      <PageHeader
        title="Grants"
        note={
          <span class="number">{`${found.length === all.length ? '' : `${found.length} of `}${all.length} in force`}</span>
        }
      >
        <FilterBox label="Filter by anything shown" value={filter.value} change={change} />
      </PageHeader>
      {shown === undefined && found.length === 0 ? (
        <Nothing filtered={all.length > 0} />
      ) : (
        <div class="split grants" data-shown={query.id === undefined ? 'list' : 'detail'}>
          {found.length > 0 && (
            <VirtualRows<Grant>
              label="Grants in force"
              items={found}
              rowHeight={ROW}
              keyOf={({ id }) => id}
              row={(grant) => <GrantRow grant={grant} />}
              selected={selected < 0 ? null : selected}
              select={(index) =>
                route(withQuery('/grants', { ...query, id: found[index]!.id }), query.id !== undefined)
              }
            />
          )}
          {shown !== undefined && <GrantDetail key={shown} id={shown} />}
        </div>
      )}
    </>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  if (!grantsLoaded.value) return <p class="loading">Looking for grants …</p>;
  if (filtered) return <EmptyState title="No grant matches">Clear the filter to see all of them.</EmptyState>;
  return (
    <EmptyState
      title="No grant is in force"
      command="bin/postern grant create --to alice --db shop --allow 'select:public.*' --ttl 30m"
    >
      Grants come of <a href="/requests">requests</a> that are approved, or of whoever has the configuration,
      by this:
    </EmptyState>
  );
}
