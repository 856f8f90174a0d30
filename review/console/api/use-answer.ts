import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Query, withQuery } from './client.ts';
import { type Problem, problemOf } from './problem.ts';

export interface Asked<Answer> {
  /** null: none has come yet. The last one stays while another is asked for. */
  readonly answer: Answer | null;
  /** Of the last try. */
  readonly problem: Problem | null;
  readonly again: () => void;
}

/** What the API answers to a GET, asked again whenever path or query change. `path` null: nothing is asked. */
export function useAnswer<Answer>(path: string | null, query: Query = {}): Asked<Answer> {
  const [state, setState] = useState<Omit<Asked<Answer>, 'again'>>({ answer: null, problem: null });
  const url = path === null ? null : withQuery(path, query);
  const under = useRef<AbortController | null>(null);
  const ask = useCallback(() => {
    under.current?.abort();
    if (url === null) return;
    const asking = new AbortController();
    under.current = asking;
    get<Answer>(url, {}, asking.signal).then(
      (answer) => setState({ answer, problem: null }),
      (fault: unknown) => {
        if (!asking.signal.aborted) setState(({ answer }) => ({ answer, problem: problemOf(fault) }));
      },
    );
  }, [url]);
  useEffect(() => {
    ask();
    return () => under.current?.abort();
  }, [ask]);
  return { ...state, again: ask };
}
