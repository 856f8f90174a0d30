/** Denials as PostgreSQL errors: what is missing, on what, why, and the line of a grant that would allow it. */
import type { Said } from './advice.ts';
import type { Refusal } from './decide/judge.ts';
import type { GrantLine, Needed } from './needed-lines.ts';
import type { Effect, ErrorFields, Reason } from './types.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
/** More missing needs than this are counted, not listed. */
const LISTED = 5;
/** Characters; a longer item (a hundred columns, say) is cut, or left to `postern explain`. */
const LONGEST = 300;

const NO_LINE = 'No line that is added to the grant would allow it: DETAIL says why.';

/** What no grant allows. */
export function refusal(refused: readonly [Refusal, ...Refusal[]]): ErrorFields {
  const [{ error, what }] = refused;
  if (error !== undefined) return error;
  const details = refused.map((each) => sentence(`${each.what}: ${each.why}`));
  return {
    sqlstate: INSUFFICIENT_PRIVILEGE,
    message: `refused under any grant: ${cut(what)}`,
    detail: listed(details).join('\n'),
  };
}

/** `missing`: what a text lacks at first sight; `needed`: what it comes to; `said`: the operator's words. */
export function denial(
  missing: readonly Reason[],
  needed: Pick<Needed, 'lines' | 'missing'>,
  effect: Effect,
  said: Said,
): ErrorFields {
  const what = missing.map(({ action, resource }) => `${action} on ${resource}`);
  const message = effect === 'hold' ? 'statement needs a reviewer' : 'permission denied by grant';
  const details = listed(needed.missing.map(detail));
  return {
    sqlstate: INSUFFICIENT_PRIVILEGE,
    message: `${message}: ${listed(what).join(', ')}`,
    detail: [...said.messages, ...details].join('\n'),
    hint: [...said.hints, advised(needed.lines)].join('\n'),
  };
}

/** The option of `postern grant create` that would allow it, quoted for a shell where it must be. */
export function grantLine({ action, resource }: GrantLine): string {
  const line = `${action}:${resource}`;
  return /^[\w.:-]+$/.test(line) ? `--allow ${line}` : `--allow '${line.replaceAll("'", "'\\''")}'`;
}

/** Lines are never cut: half of one, pasted, would be another. */
const advised = (lines: readonly GrantLine[]): string => {
  if (lines.length === 0) return NO_LINE;
  const all = lines.map(grantLine);
  const shown = all.filter((line) => line.length <= LONGEST).slice(0, LISTED);
  const rest = all.length - shown.length;
  const more =
    rest === 0 ? [] : [`${shown.length === 0 ? '' : 'and '}${rest} more, which postern explain lists`];
  return `ask for ${[...shown, ...more].join(' ')}`;
};

const detail = ({ action, resource, why, path }: Reason): string => {
  const way = path !== undefined && path.length > 1 ? ` (${[...path, resource].join(' -> ')})` : '';
  return sentence(`${action} on ${resource} is missing: ${why}${way}`);
};

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const cut = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}...`;

const listed = (items: readonly string[]): readonly string[] => {
  const shown = [...new Set(items)];
  const rest = shown.length - LISTED;
  const short = shown.slice(0, LISTED).map(cut);
  return rest > 0 ? [...short, `and ${rest} more`] : short;
};
