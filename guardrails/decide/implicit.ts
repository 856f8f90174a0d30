/**
 * Code that runs without being called: triggers, checks, defaults, policies, casts that apply by themselves. It needs no
 * `execute` where its body proves that it stays within the scope.
 */
import { bodyOf, type FollowedBody } from '../bodies/body.ts';
import { classifyBuiltin } from '../builtin-functions.ts';
import type { Routine } from '../catalog.ts';
import { isHarmlessExtension } from '../harmless-extensions.ts';
import type { Names } from '../names.ts';
import { resourceName } from '../scope.ts';
import type { Judge } from './judge.ts';
import { judgeNeed } from './needs.ts';
import { judgeBuiltin, judgeRoutine } from './routines.ts';

/** How a function comes to run. */
export interface Occasion {
  /** Names of the statement's own rows in it: REFERENCING NEW TABLE AS. */
  readonly given?: readonly string[];
  /** It may run later, under another search_path. */
  readonly deferrable?: boolean;
}

/** A superuser's C code is trusted, a built-in function is judged as such, and of others the body is followed. */
export function judgeImplicit(judge: Judge, routine: Routine, why: string, occasion: Occasion = {}): void {
  if (routine.builtin) judgeBuiltin(judge, { name: routine.name, use: 'reference' });
  else if (routine.language !== 'c' && routine.language !== 'internal')
    judgeBody(judge, routine, why, occasion);
}

/** As judgeImplicit, but for functions in C too: whoever made the trigger or the view chose them. */
export function judgeBody(judge: Judge, routine: Routine, why: string, occasion: Occasion = {}): void {
  if (isHarmlessExtension(routine.extension)) return;
  if (routine.calls !== undefined && !judge.scope.runs(routine)) return judgeParts(judge, routine.calls, why);
  const body = bodyOf(routine);
  if (body.kind === 'opaque') {
    judgeRoutine(judge, routine, `${why}, and its body is not followed: ${body.why}`);
    return;
  }
  const within = judge.within(namesIn(body, judge, occasion), occasion.given ?? []);
  if (within.isSettled(routine)) return judgeRoutine(judge, routine, why);
  if (!within.enter(routine)) return;
  for (const statement of body.statements) {
    within.writes ||= statement.effects.writes;
    for (const need of statement.needs) if (need.kind !== 'execute') judgeNeed(within, need);
  }
  settle(judge, within, routine, why);
}

/** An aggregate does what its functions do. Machinery of the server is made for that. */
const judgeParts = (judge: Judge, parts: readonly Routine[], why: string): void => {
  for (const part of parts)
    if (!part.builtin) judgeBody(judge, part, why);
    else if (classifyBuiltin(part.name) !== 'internal') judgeImplicit(judge, part, why);
};

/** Either the body stays within the scope, or `execute` covers it, or what it lacks is missing. */
const settle = (judge: Judge, within: Judge, routine: Routine, why: string): void => {
  const { schema, name } = routine;
  const lacks = within.refused.length > 0 || within.reasons.some(({ allowed }) => !allowed);
  if (!lacks) return judge.absorb(within);
  const [refused] = within.refused;
  const covered = judge.scope.runs(routine);
  if (covered || refused !== undefined) {
    within.settle(routine);
    const unread = covered ? undefined : refused;
    const because = unread && `, and its body is not followed: ${unread.what}: ${unread.why}`;
    return judgeRoutine(judge, routine, `${why}${because ?? ''}`);
  }
  judge.absorb(within, `${why}, and ${resourceName(schema, name)} does it`);
};

const namesIn = (
  { searchPath }: FollowedBody,
  { names, fetched }: Judge,
  { deferrable = fetched }: Occasion,
): Names => {
  if (searchPath !== undefined) return { ...names, paths: [searchPath] };
  return deferrable ? { ...names, paths: null } : names;
};
