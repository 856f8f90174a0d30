import { useState } from 'preact/hooks';
import { VisibleText } from './untrusted.tsx';

/** Characters of a statement that are shown at first. */
const SHOWN = 4_000;

/** A statement as it is written, in full on demand. */
export function SqlText({ sql }: { readonly sql: string }) {
  const [all, showAll] = useState(false);
  const cut = !all && sql.length > SHOWN;
  return (
    <div class="sql">
      <pre tabIndex={0}>
        <code>
          <VisibleText text={cut ? sql.slice(0, SHOWN) : sql} layout />
        </code>
      </pre>
      {cut && (
        <button type="button" class="button" onClick={() => showAll(true)}>
          Show all {sql.length.toLocaleString('en')} characters
        </button>
      )}
    </div>
  );
}
