/** Denials as PostgreSQL errors: what is missing, on what, why, and how to ask for it. */
import type { Refusal } from './decide/judge.ts';
import type { Effect, ErrorFields, Reason } from './types.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
/** More missing needs than this are counted, not listed. */
const LISTED = 8;

/** The error for a text that lacks something. `refused` goes first: no grant would help. */
export function denial(refused: readonly Refusal[], missing: readonly Reason[], effect: Effect): ErrorFields {
  const [first] = refused;
  if (first?.error !== undefined) return first.error;
  if (first !== undefined)
    return {
      sqlstate: INSUFFICIENT_PRIVILEGE,
      message: `refused under any grant: ${first.what}`,
      detail: refused.map(({ what, why }) => sentence(`${what}: ${why}`)).join('\n'),
    };
  const what = missing.map(({ action, resource }) => `${action} on ${resource}`);
  const message = effect === 'hold' ? 'statement needs a reviewer' : 'permission denied by grant';
  return {
    sqlstate: INSUFFICIENT_PRIVILEGE,
    message: `${message}: ${listed(what, ', ')}`,
    detail: listed(missing.map(detail), '\n'),
    hint: `ask for ${listed(missing.map(grantLine), ' ')}`,
  };
}

/** The option of `postern grant create` that would allow it, quoted for a shell where it must be. */
export function grantLine({ action, resource }: Pick<Reason, 'action' | 'resource'>): string {
  const line = `${action}:${resource}`;
  return /^[\w.:-]+$/.test(line) ? `--allow ${line}` : `--allow '${line.replaceAll("'", "'\\''")}'`;
}

const detail = ({ action, resource, why }: Reason): string =>
  sentence(`${action} on ${resource} is missing: ${why}`);

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const listed = (items: readonly string[], separator: string): string => {
  const shown = [...new Set(items)];
  const rest = shown.length - LISTED;
  return rest > 0 ? [...shown.slice(0, LISTED), `and ${rest} more`].join(separator) : shown.join(separator);
};
