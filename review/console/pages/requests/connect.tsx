import type { AccessRequest } from '../../api/answers.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { tokens } from '../../state/tokens.ts';
import { psqlLine } from '../../text/psql-line.ts';

/** How to connect by a grant that was asked for here. */
export function Connect({ request }: { readonly request: AccessRequest }) {
  const told = tokens.value.get(request.id);
  if (told === undefined || (request.state.kind !== 'approved' && request.state.kind !== 'pending'))
    return null;
  const line =
    request.state.kind === 'approved' ? psqlLine(request.database, request.state.grant, told) : null;
  return (
    <section class="notice connect" role="status">
      <div>
        <strong>{line === null ? 'Keep this token: ' : 'Connect by this: '}</strong>
        {line === null
          ? 'it is shown only now, and good as soon as somebody approves. This page then has the line to paste.'
          : 'it is shown only now.'}
        <pre class="command" tabIndex={0}>
          {line ?? told.token}
        </pre>
      </div>
      <CopyButton text={line ?? told.token} label="Copy" />
    </section>
  );
}
