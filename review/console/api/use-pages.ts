import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, type Query, withQuery } from './client.ts';
import { type Problem, problemOf } from './problem.ts';

export interface Paged<T> {
  /** null: nothing has come yet. */
  readonly items: readonly T[] | null;
  readonly problem: Problem | null;
  /** There is more. */
  readonly more: boolean;
  /** Asks for the next page, unless it is under way. */
  readonly load: () => void;
  /** From the beginning. */
  readonly again: () => void;
}

interface State<T> {
  readonly items: readonly T[] | null;
  /** `undefined`: the first page is to come. */
  readonly next: string | null | undefined;
  readonly problem: Problem | null;
}

/** A list that comes in pages, from the beginning again whenever the question changes. `itemsOf` must stay the same. */
export function usePages<Answer extends { readonly next: string | null }, T>(
  path: string,
  query: Query,
  itemsOf: (answer: Answer) => readonly T[],
): Paged<T> {
  const url = withQuery(path, query);
  const [round, setRound] = useState(0);
  const [state, setState] = useState<State<T>>({ items: null, next: undefined, problem: null });
  const [under, setUnder] = useState<AbortController | null>(null);

  const ask = useCallback(
    (cursor: string | undefined): AbortController => {
      const asking = new AbortController();
      setUnder(asking);
      get<Answer>(path, { ...query, cursor }, asking.signal)
        .then(
          (answer) =>
            setState(({ items }) => ({
              items: [...(cursor === undefined ? [] : (items ?? [])), ...itemsOf(answer)],
              next: answer.next,
              problem: null,
            })),
          (fault: unknown) => {
            if (!asking.signal.aborted) setState((before) => ({ ...before, problem: problemOf(fault) }));
          },
        )
        .finally(() => setUnder((now) => (now === asking ? null : now)));
      return asking;
    },
    [url],
  );

  useEffect(() => {
    const asking = ask(undefined);
    return () => asking.abort();
  }, [ask, round]);

  const { items, next, problem } = state;
  return {
    ...{ items, problem, more: typeof next === 'string' },
    load: () => {
      if (under === null && typeof next === 'string') ask(next);
    },
    again: () => setRound((before) => before + 1),
  };
}
