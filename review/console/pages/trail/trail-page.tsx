/** All that has happened: searched, taken along, and proven to be whole. */
import { useLocation } from 'preact-iso/router';
import { withQuery } from '../../api/client.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { ViewTabs } from '../../components/view-tabs.tsx';
import { hasRole, OVERSEERS } from '../../state/who.ts';
import { EventsView } from './events-view.tsx';
import { SearchForm } from './search-form.tsx';
import { apiQuery, type Search, searchIn } from './search-query.ts';
import { WholeView } from './whole-view.tsx';

export function TrailPage() {
  const { query, route } = useLocation();
  const oversees = hasRole(...OVERSEERS);
  const whole = oversees && query.view === 'whole';
  const search = searchIn(query);
  const change = (some: Search): void => {
    const now = searchIn(Object.fromEntries(new URLSearchParams(location.search)));
    route(withQuery('/trail', { ...now, ...some }), true);
  };
  return (
    <>
      <PageHeader title="Trail">
        {!whole && <Export search={search} />}
        {oversees && (
          <ViewTabs
            label="What of the trail"
            shown={whole ? 'Is it whole?' : 'Search'}
            views={[
              { name: 'Search', href: '/trail' },
              { name: 'Is it whole?', href: '/trail?view=whole' },
            ]}
          />
        )}
      </PageHeader>
      {whole ? (
        <WholeView />
      ) : (
        <>
          <SearchForm search={search} change={change} />
          <EventsView search={search} />
        </>
      )}
    </>
  );
}

/** What is found, all of it. */
function Export({ search }: { readonly search: Search }) {
  const { order: _, ...question } = apiQuery(search);
  return (
    <>
      {(['ndjson', 'csv'] as const).map((format) => (
        <a
          key={format}
          class="button"
          download
          href={withQuery('/v1/events/export', { ...question, format })}
        >
          {format === 'ndjson' ? 'Export NDJSON' : 'CSV'}
        </a>
      ))}
    </>
  );
}
