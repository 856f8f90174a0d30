/** What names of relations tell of the data in them. */
import { folded } from './folding.ts';
import { listOf, tableOf } from './lexicon.ts';

export type DataClass = 'personal' | 'money' | 'secret';

const CLASSES = tableOf('data-classes').map(([name, , patterns]) => ({
  name: name as DataClass,
  words: new Set(listOf(patterns).filter((word) => !word.endsWith('*'))),
  stems: listOf(patterns)
    .filter((word) => word.endsWith('*'))
    .map((word) => word.slice(0, -1)),
}));

export function dataClassesOf(relation: string): readonly DataClass[] {
  const name = folded(relation);
  if (isSystemRelation(name) && !SECRET_CATALOGS.test(name)) return [];
  const parts = [name, ...name.split('.'), ...name.split(/[._]/)];
  const holds = CLASSES.filter(({ words, stems }) =>
    parts.some((part) => words.has(part) || stems.some((stem) => part.startsWith(stem))),
  );
  return [...new Set(holds.map((each) => each.name))];
}

/** Catalogs that show no data of tables, but for those with secrets in them. */
export const isSystemRelation = (name: string): boolean =>
  /^(pg_catalog\.)?pg_|^information_schema\./.test(name);

const SECRET_CATALOGS = /pg_(authid|shadow|user_mappings?|largeobject|hba_file_rules|statistic|stats)$/;
