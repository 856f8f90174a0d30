/** What a request says: concepts, actions and relations, before anything is made of it. */
import { type DataClass, dataClassesOf, isSystemRelation } from './data-classes.ts';
import { plainText, rot13 } from './hidden-text.ts';
import type { Hit } from './lexicon.ts';
import { ACTION_WORDS, CIRCUMSTANCES, isKnownWord, MANNERS, PURPOSES } from './lexicons.ts';
import { NearWords } from './near-words.ts';
import { namedIn } from './relations.ts';
import { ACTIONS, type RequestAction, type TriageRequest } from './request.ts';
import { type Remarks, remarksIn } from './sentences.ts';
import { unleeted, unleetedWords, type Words, wordsOf } from './words.ts';

export interface Reading {
  readonly request: TriageRequest;
  readonly words: readonly string[];
  readonly purposes: ReadonlySet<string>;
  readonly manners: ReadonlySet<string>;
  readonly circumstances: ReadonlySet<string>;
  /** What the text says is to be done; `upkeep` beside the actions. */
  readonly said: ReadonlySet<string>;
  readonly asked: ReadonlySet<RequestAction>;
  /** The least of what is asked that does what the text says. */
  readonly actions: readonly RequestAction[];
  /** Likewise, of relations and functions. */
  readonly scope: readonly string[];
  readonly dataClasses: ReadonlySet<DataClass>;
  /** Signs that the text hides something. */
  readonly hidden: readonly string[];
  readonly remarks: Remarks;
}

const NEGATIONS =
  /^(no|not|never|without|don|dont|doesn|doesnt|won|wont|nor|nothing|instead|nicht|kein|keine|keinen|keinerlei|ohne|nie|pas|sans|aucun|aucune|ni|sin|ningun|ninguna|nunca|senza|non|nessun|nessuna|sem|nao|nenhum|nenhuma|niet|geen|zonder)$/;
const BEFORE = 3;
const AFTER = /^(nicht|niet|pas)$/;

export function readingOf(request: TriageRequest): Reading {
  const { text, findings } = plainText(request.text);
  const parted = wordsOf(text, isKnownWord);
  const { words } = parted;
  const manners = new Set(MANNERS.hits(words).map(({ concept }) => concept));
  const disguised = disguises(text, words).filter((each) => !manners.has(each));
  for (const concept of disguised) manners.add(concept);
  const circumstances = conceptsOf(CIRCUMSTANCES.hits(words));
  if (isNegated(parted, CIRCUMSTANCES.hits(words), 'personal')) circumstances.delete('personal');
  const asked = askedIn(request.requested.actions);
  const purposes = conceptsOf(PURPOSES.hits(words));
  const spoken = conceptsOf(ACTION_WORDS.hits(words));
  const said = withImplied(saidIn(parted, circumstances), spoken, purposes, asked);
  const actions = neededOf(asked, said, manners, circumstances);
  const named = namedIn(text, words, request.requested.tables, request.catalog ?? []);
  const scope = wholeDatabase(request, said, words) ? ['*'] : [...named.relations, ...named.functions];
  return {
    request,
    words,
    purposes,
    manners,
    circumstances,
    said,
    asked,
    actions,
    scope: scope.every(isSystemRelation) && words.length < 2 ? [] : scope,
    dataClasses: new Set(scope.flatMap(dataClassesOf)),
    hidden: disguised.length > 0 ? [...findings, 'words are disguised'] : findings,
    remarks: remarksIn(text),
  };
}

/** What a purpose takes, where the text has no word for it and the request asks for it. */
const TAKES: readonly (readonly [string, RequestAction])[] = [
  ['export_data', 'export'],
  ['ml_training', 'export'],
  ['gdpr_export', 'export'],
  ['cleanup_delete', 'delete'],
  ['gdpr_erasure', 'delete'],
  ['data_fix', 'update'],
  ['backfill', 'update'],
  ['backup_restore', 'insert'],
  ['schema_change', 'ddl'],
];

/** `spoken`: also what is negated, which is implied by nothing. */
function withImplied(
  said: ReadonlySet<string>,
  spoken: ReadonlySet<string>,
  purposes: ReadonlySet<string>,
  asked: ReadonlySet<RequestAction>,
): ReadonlySet<string> {
  const implied = TAKES.filter(
    ([purpose, action]) => purposes.has(purpose) && asked.has(action) && !spoken.has(action),
  );
  const isPlain = [...said].some((action) => asked.has(action as RequestAction) && action !== 'select');
  return isPlain ? said : new Set([...said, ...implied.map(([, action]) => action)]);
}

const conceptsOf = (hits: readonly Hit[]): Set<string> => new Set(hits.map(({ concept }) => concept));

/** Manners that show only when letters are put back in their places: ROT13, backwards, digits for letters. */
function disguises(text: string, words: readonly string[]): readonly string[] {
  const backwards = words.map((word) => [...word].reverse().join(''));
  const turned = [words.map(rot13), backwards, backwards.toReversed()];
  const others = [...turned.filter(isReadable), ...apart(words), withNearWords(words)];
  const leet = unleeted(text);
  if (leet.length > 0) others.push(leet, unleetedWords(words));
  const pairs = words.map((word, at) => `${word}${words[at + 1] ?? ''}`);
  return [
    ...others.flatMap((other) => influencesIn(other, () => true)),
    ...[...turned, pairs].flatMap((other) => influencesIn(other, ({ from, to }) => from === to)),
  ];
}

/** A short word alone is one by chance. */
const influencesIn = (words: readonly string[], isMeant: (hit: Hit) => boolean): readonly string[] =>
  MANNERS.hits(words)
    .filter(({ concept }) => INFLUENCE.has(concept))
    .filter(({ from, to }) => to > from || (words[from] as string).length > 6)
    .filter(isMeant)
    .map(({ concept }) => concept);

/** Sentences that are written as one long name. */
const apart = (words: readonly string[]): readonly (readonly string[])[] =>
  words.map((word) => word.split(/[._]/)).filter((parts) => parts.length >= LEAST_PARTS);
const LEAST_PARTS = 4;

/** With the words that mistyped ones were to be. */
const withNearWords = (words: readonly string[]): readonly string[] =>
  words.map((word) => (isKnownWord(word) ? word : (NEAR.nearest(word) ?? word)));
/** Those that stand in patterns as stems, too. */
const NEAR = new NearWords([
  ...MANNERS.vocabulary,
  ...['approve', 'approved', 'approval', 'authorize', 'permission', 'instructions', 'checking', 'request'],
]);

/** At least two longer words of a language, by chance hardly ever. */
const isReadable = (words: readonly string[]): boolean =>
  words.filter((word) => word.length > 4 && isKnownWord(word)).length > 1;

const INFLUENCE: ReadonlySet<string> = new Set([
  'ignoreInstructions',
  'addressesApprover',
  'namesOutcome',
  'skipsApproval',
  'superuser',
]);

function askedIn(actions: readonly string[]): ReadonlySet<RequestAction> {
  const asked = new Set<RequestAction>();
  for (const action of actions.map((each) => each.toLowerCase())) {
    if (action === '*' || action === 'all') for (const each of ACTIONS) asked.add(each);
    else if (/^(create|alter|drop)$/.test(action)) asked.add('ddl');
    else if ((ACTIONS as readonly string[]).includes(action)) asked.add(action as RequestAction);
    else asked.add('admin');
  }
  return asked;
}

/** Negated actions do not count, nor those that a form has filled in. */
function saidIn(parted: Words, circumstances: ReadonlySet<string>): ReadonlySet<string> {
  const forms = circumstances.has('templateAsks')
    ? CIRCUMSTANCES.hits(parted.words).filter(({ concept }) => concept === 'templateAsks')
    : [];
  const ofForm = new Set(forms.map(({ from }) => parted.clauses[from]));
  const hits = ACTION_WORDS.hits(parted.words).filter(
    (hit) => !negated(parted, hit) && (!ofForm.has(parted.clauses[hit.from]) || hit.concept === 'select'),
  );
  return conceptsOf(hits);
}

function negated({ words, clauses }: Words, { from, to }: Hit): boolean {
  for (let at = from - 1; at >= Math.max(0, from - BEFORE); at--) {
    if (clauses[at] !== clauses[from]) break;
    if (NEGATIONS.test(words[at] as string)) return true;
  }
  return clauses[to + 1] === clauses[to] && AFTER.test(words[to + 1] ?? '');
}

const isNegated = (parted: Words, hits: readonly Hit[], concept: string): boolean =>
  hits.filter((hit) => hit.concept === concept).every((hit) => negated(parted, hit));

function neededOf(
  asked: ReadonlySet<RequestAction>,
  said: ReadonlySet<string>,
  manners: ReadonlySet<string>,
  circumstances: ReadonlySet<string>,
): readonly RequestAction[] {
  const only = asked.has('select') && circumstances.has('readsOnly');
  const formOnly =
    only &&
    (circumstances.has('templateAsks') || !CHANGES.some((action) => said.has(action) && asked.has(action)));
  if (formOnly || (manners.has('everything') && asked.has('select'))) return ['select'];
  const needed = ACTIONS.filter(
    (action) =>
      asked.has(action) &&
      (said.has(action) || action === 'select' || (action === 'execute' && said.has('upkeep'))),
  );
  const saidOtherwise =
    CHANGES.some((action) => said.has(action)) && !needed.some((action) => CHANGES.includes(action));
  if (needed.length > 0 && !saidOtherwise) return needed;
  const saidNothing = said.size === 0 && (asked.has('select') || asked.size > 1);
  return saidNothing ? ['select'] : ACTIONS.filter((action) => asked.has(action));
}

export const CHANGES: readonly RequestAction[] = ['insert', 'update', 'delete', 'truncate', 'ddl', 'admin'];

const wholeDatabase = (
  { requested }: TriageRequest,
  said: ReadonlySet<string>,
  words: readonly string[],
): boolean =>
  requested.tables.includes('*') &&
  said.has('export') &&
  words.some((word) =>
    /^(pg_dump|pg_basebackup|dump|backup|sicherung|sauvegarde|respaldo|volcado|abzug)/.test(word),
  ) &&
  words.some((word) => /^(database|databases|db|cluster|datenbank|base|basededatos|bd|banco)$/.test(word));
