/** Requests to the API of the server that this page came from. */
import { Problem, unreachable } from './problem.ts';

/** `undefined` and empty ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

let expired: () => void = () => {};

/** `callback` hears of every answer that says that there is no login. */
export function onExpired(callback: () => void): void {
  expired = callback;
}

/** Rejects with a Problem; with an AbortError if `signal` aborts. */
export const get = <Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> =>
  call('GET', withQuery(path, query), signal === undefined ? {} : { signal });

/** Rejects with a Problem. */
export const post = <Answer>(path: string, body: unknown = {}): Promise<Answer> => change('POST', path, body);

/** Rejects with a Problem. */
export const put = <Answer>(path: string, body: unknown): Promise<Answer> => change('PUT', path, body);

export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? path : `${path}?${search}`;
}

const change = <Answer>(method: string, path: string, body: unknown): Promise<Answer> =>
  call(method, path, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'postern-csrf': '1' },
  });

async function call<Answer>(method: string, url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, method }).catch((fault: unknown) => {
    throw isAbort(fault) ? fault : unreachable();
  });
  const answer: unknown = await response.json().catch((fault: unknown) => {
    if (isAbort(fault)) throw fault; // it can come while the answer is being read, too
    return null;
  });
  if (response.ok && answer !== null) return answer as Answer;
  const problem = new Problem(response.status, told(answer, response.status));
  if (problem.code === 'unauthorized') expired();
  throw problem;
}

const isAbort = (fault: unknown): boolean => fault instanceof DOMException && fault.name === 'AbortError';

function told(answer: unknown, status: number) {
  const { code, detail, hint } = (answer ?? {}) as Partial<Record<'code' | 'detail' | 'hint', unknown>>;
  return {
    code: typeof code === 'string' ? code : 'unreadable',
    detail: typeof detail === 'string' ? detail : `the answer was ${status}, and can't be read`,
    hint: typeof hint === 'string' ? hint : '',
  };
}
