import { useEffect, useState } from 'preact/hooks';
import { lookBuild } from '../state/build.ts';
import type { Token } from './sql-tokens.ts';
import { VisibleText } from './untrusted.tsx';

interface SqlTextProps {
  readonly sql: string;
  /** Laid out instead of as it was written. */
  readonly formatted?: boolean;
}

/** Characters that are shown at first, and those of which more would keep the page from answering. */
const SHOWN = 4_000;
const MOST_STUDIED = 20_000;

/** A statement: in colours as soon as those are there (without, where they can't be loaded), in full on demand. */
export function SqlText({ sql, formatted = false }: SqlTextProps) {
  const [all, showAll] = useState(false);
  const [tokens, setTokens] = useState<readonly Token[] | null>(null);
  const cut = !all && sql.length > SHOWN;
  const shown = cut ? sql.slice(0, SHOWN) : sql;
  useEffect(() => {
    let late = false;
    setTokens(null);
    if (shown.length <= MOST_STUDIED)
      study(shown, formatted && !cut).then((studied) => late || setTokens(studied), lookBuild);
    return () => {
      late = true;
    };
  }, [shown, formatted, cut]);
  useEffect(() => showAll(false), [sql]);
  return (
    <div class="sql">
      <pre tabIndex={0}>
        <code>
          {(tokens ?? [{ text: shown, kind: null }]).map(({ text, kind }, index) => (
            <span key={index} data-token={kind ?? undefined}>
              <VisibleText text={text} layout />
            </span>
          ))}
          {cut && '…'}
        </code>
      </pre>
      {cut && (
        <button type="button" class="button small" onClick={() => showAll(true)}>
          Show all {sql.length.toLocaleString('en')} characters
        </button>
      )}
    </div>
  );
}

/** Both libraries are loaded when the first statement is shown. */
async function study(sql: string, formatted: boolean): Promise<readonly Token[]> {
  const [{ tokensOf }, { laidOut }] = await Promise.all([
    import('./sql-tokens.ts'),
    import('./sql-layout.ts'),
  ]);
  return tokensOf(formatted ? (laidOut(sql) ?? sql) : sql);
}
