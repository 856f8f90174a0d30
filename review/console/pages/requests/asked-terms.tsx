import type { AccessRequest } from '../../api/answers.ts';
import { ScopeList } from '../../components/scope-list.tsx';
import { byteSize, whole } from '../../text/quantities.ts';
import { written } from '../../text/scope.ts';
import { span } from '../../text/spans.ts';
import { termsOf } from './request-state.ts';

/** What is asked, or by now granted, and for how long. */
export function AskedTerms({ request }: { readonly request: AccessRequest }) {
  const terms = termsOf(request);
  const lowered = written(terms.scope, { all: true }) !== written(request.terms.scope, { all: true });
  return (
    <section class="section">
      <h3>{request.state.kind === 'approved' ? 'Granted' : 'What it would grant'}</h3>
      <p class="second">
        for {span(terms.ttl)}
        {terms.ttl !== request.terms.ttl && ` (asked: ${span(request.terms.ttl)})`} ·{' '}
        {limitsInWords(terms.limits)}
      </p>
      <ScopeList scope={terms.scope} />
      {lowered && (
        <details>
          <summary>Asked was something else</summary>
          <ScopeList scope={request.terms.scope} />
        </details>
      )}
    </section>
  );
}

function limitsInWords({
  rows,
  rowsPerStatement,
  bytes,
  statements,
}: AccessRequest['terms']['limits']): string {
  const words = [
    rows !== null && `${whole(rows)} rows`,
    rowsPerStatement !== null && `${whole(rowsPerStatement)} rows a statement`,
    bytes !== null && byteSize(bytes),
    statements !== null && `${whole(statements)} statements`,
  ].filter((each) => each !== false);
  return words.length === 0 ? 'without a limit of rows' : `at most ${words.join(', ')}`;
}
