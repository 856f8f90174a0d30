/** What user-defined functions and operators are called with is made of the types of their arguments: by casts, past checks. */
import type { Routine } from '../catalog.ts';
import { judgeImplicit } from './implicit.ts';
import type { Judge } from './judge.ts';

export function judgeArguments(judge: Judge, { args, name }: Routine): void {
  const { catalog } = judge;
  for (const type of typeNames(args))
    for (const routine of [...catalog.castsInto(type), ...catalog.literalRoutines(type)])
      judgeImplicit(judge, routine, `an argument of ${name} is made a value of ${type} by it`);
}

/** Names without schemas of types as format_type() prints them: `integer`, `app.mood[]`, `app."Odd, name"`. */
const typeNames = (args: string): readonly string[] =>
  [...args.matchAll(TYPE)].map(({ groups }) => {
    const { quoted, plain = '' } = groups ?? {};
    return quoted === undefined ? plain : quoted.replaceAll('""', '"');
  });

const TYPE =
  /(?:(?:"(?:[^"]|"")+"|[^",.]+)\.)?(?:"(?<quoted>(?:[^"]|"")+)"|(?<plain>[^",.[(]+))[^,.]*(?:,|$)/gu;
