/** Who asks for access, what speaks for it and against it, and the decision. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { AccessRequest, Answers } from '../../api/answers.ts';
import { type Query, withQuery } from '../../api/client.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { ViewTabs } from '../../components/view-tabs.tsx';
import { followGrants } from '../../state/grants.ts';
import { emergencies, pendingRequests, requestsChanged } from '../../state/requests.ts';
import { smallScreen } from '../../state/small-screen.ts';
import { hasRole, OVERSEERS } from '../../state/who.ts';
import { AskDialog } from './ask-dialog.tsx';
import { RequestDetail } from './request-detail.tsx';
import { RequestList } from './request-list.tsx';

const VIEWS = ['waiting', 'emergencies', 'history'] as const;
type ViewName = (typeof VIEWS)[number];

/** So many are the history. */
const HISTORY = 300;

const addressOf = (view: ViewName, id?: string): string =>
  withQuery('/requests', { view: view === 'waiting' ? null : view, id: id ?? null });

export function RequestsPage() {
  useEffect(followGrants, []);
  const { query, route } = useLocation();
  const asking = useSignal(false);
  const view = VIEWS.find((name) => name === query.view) ?? 'waiting';
  const history = useHistory(view === 'history');
  const requests =
    view === 'history'
      ? (history.answer?.requests ?? null)
      : (view === 'waiting' ? pendingRequests : emergencies).value;
  const shown = query.id ?? (smallScreen.value ? null : (requests?.[0]?.id ?? null));
  return (
    <>
      <PageHeader title="Requests">
        <ViewTabs label="Which requests" shown={TITLES[view]} views={VIEWS.map(viewOf)} />
        {hasRole('requester') && (
          <button type="button" class="button primary" onClick={() => (asking.value = true)}>
            Ask for access …
          </button>
        )}
      </PageHeader>
      {history.problem && <ProblemNotice problem={history.problem} retry={history.again} />}
      <div class="split" data-shown={query.id === undefined ? 'list' : 'detail'}>
        {requests !== null && requests.length > 0 && (
          <RequestList requests={requests} shown={shown} hrefOf={({ id }) => addressOf(view, id)} />
        )}
        {shown === null ? (
          requests?.length === 0 && <Nothing view={view} />
        ) : (
          <RequestDetail
            key={shown}
            id={shown}
            back={addressOf(view)}
            done={() => route(addressOf(view, shown), true)} // so that what came of it stays in sight
          />
        )}
      </div>
      <AskDialog
        open={asking.value}
        close={() => (asking.value = false)}
        asked={(request: AccessRequest) =>
          route(addressOf(request.state.kind === 'pending' ? 'waiting' : 'history', request.id))
        }
      />
    </>
  );
}

const TITLES: Readonly<Record<ViewName, string>> = {
  waiting: 'Waiting',
  emergencies: 'Emergencies',
  history: 'History',
};

const viewOf = (view: ViewName) => ({
  name: TITLES[view],
  href: addressOf(view),
  ...(view === 'waiting' && { count: pendingRequests.value.length }),
  ...(view === 'emergencies' && { count: emergencies.value.length }),
});

function useHistory(wanted: boolean) {
  const query: Query = { limit: HISTORY };
  const asked = useAnswer<Answers['listRequests']>(wanted ? '/v1/requests' : null, query);
  const { value: changed } = requestsChanged;
  useEffect(() => {
    if (asked.answer !== null) asked.again();
  }, [changed]);
  return asked;
}

function Nothing({ view }: { readonly view: ViewName }) {
  const oversees = hasRole(...OVERSEERS);
  switch (view) {
    case 'waiting':
      return (
        <EmptyState
          title={oversees ? 'Nobody waits for a decision' : 'None of your requests waits'}
          command={'bin/postern request --db shop --reason "correct the status of ticket 7"'}
        >
          What the policy does not decide by itself comes here, with what it would touch. This asks:
        </EmptyState>
      );
    case 'emergencies':
      return (
        <EmptyState title="No emergency waits for a review">
          Whoever breaks the glass gets access at once, by the rules of the policy for that; afterwards
          somebody says here whether it was justified.
        </EmptyState>
      );
    case 'history':
      return (
        <EmptyState title="Nobody has asked yet">
          Requests stay here for 90 days, with who decided what and why.
        </EmptyState>
      );
    default:
      return view satisfies never;
  }
}
