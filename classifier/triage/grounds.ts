/** What speaks against granting a request at once, and what against granting it at all: rules, each with its sentence. */
import { isSystemRelation } from './data-classes.ts';
import { MANNERS } from './lexicons.ts';
import { CHANGES, type Reading } from './reading.ts';

export interface Ground {
  readonly name: string;
  readonly calls: 'review' | 'deny';
  readonly reason: string;
}

/** The longest that is granted without a person, in minutes. */
export const LONGEST = 240;

type Rule = (reading: Reading) => readonly Ground[];

/** Signs of an attempt to influence: one sends to review, several are refused. */
const INFLUENCE = ['ignoreInstructions', 'addressesApprover', 'namesOutcome', 'followsForeignText'];

const influence: Rule = ({ manners, hidden }) => {
  const signs = INFLUENCE.filter((concept) => manners.has(concept));
  const aimed =
    manners.has('ignoreInstructions') ||
    manners.has('followsForeignText') ||
    (signs.length > 0 && hidden.length > 0) ||
    signs.length > 1;
  return [
    ...signs.map((concept) => manner(concept, aimed ? 'deny' : 'review')),
    ...hidden.map((finding) => ground('hidden', aimed ? 'deny' : 'review', finding)),
  ];
};

const pressure: Rule = ({ manners }) => {
  const has = (concept: string) => manners.has(concept);
  const refused =
    (has('claimsIdentity') &&
      (has('skipsApproval') || has('authority') || has('superuser') || has('pressure'))) ||
    (has('authority') && has('skipsApproval') && has('claimsIdentity'));
  const signs = ['skipsApproval', 'claimsIdentity', 'verbalApproval', 'authority', 'pressure'].filter(has);
  return signs.map((concept) => manner(concept, refused ? 'deny' : 'review'));
};

const purposes: Rule = (reading) => {
  const { manners, asked, said, circumstances, dataClasses, scope } = reading;
  const copies = said.has('export') || asked.has('export');
  const empties =
    said.has('delete') ||
    said.has('truncate') ||
    said.has('ddl') ||
    asked.has('ddl') ||
    asked.has('delete') ||
    asked.has('truncate');
  const grounds: Ground[] = [];
  const add = (concept: string, refuses: boolean) => {
    if (manners.has(concept)) grounds.push(manner(concept, refuses ? 'deny' : 'review'));
  };
  add('curiosity', dataClasses.size > 0 || circumstances.has('personal'));
  add('privateCopy', copies || dataClasses.size > 0);
  add('auditOff', true);
  add('superuser', true);
  if (scope.length === 0 || !scope.every(isSystemRelation))
    add('everything', asked.size > 2 || asked.has('admin'));
  add('wallsDown', true);
  add('sharesAccess', true);
  add('wholeTable', empties && !circumstances.has('narrows'));
  return grounds;
};

const changes: Rule = ({ actions, asked, said, scope, circumstances }) => {
  const changing = actions.filter((action) => CHANGES.includes(action));
  const upkeep = said.has('upkeep') && !said.has('execute') && !scope.some((name) => name.endsWith(')'));
  const more = [...asked].filter((action) => !actions.includes(action));
  return [
    ...(changing.length > 0 ? [review('changes', `it needs ${changing.join(', ')}`)] : []),
    ...(actions.includes('export') ? [review('export', 'data leaves the database in bulk')] : []),
    ...(actions.includes('execute') && !upkeep
      ? [review('execute', 'what a function or a signal to another session does has to be looked at')]
      : []),
    ...(SAID_CHANGES.some((action) => said.has(action)) &&
    changing.length === 0 &&
    !circumstances.has('readsOnly')
      ? [review('unasked', 'the text speaks of changes that are not asked for')]
      : []),
    ...(more.length > 0 && changing.length === 0
      ? [review('overrun', `more is asked than the text needs: ${more.join(', ')}`)]
      : []),
  ];
};

/** An import may have been before. */
const SAID_CHANGES = CHANGES.filter((action) => action !== 'insert');

const reach: Rule = ({ scope, dataClasses, circumstances, request, words }) => {
  const { role } = request.requester;
  const { ttlMinutes } = request.requested;
  return [
    ...[...dataClasses].map((name) => review(name, DATA[name])),
    ...(circumstances.has('personal') &&
    !circumstances.has('noPersonalData') &&
    !scope.every(isSystemRelation) &&
    dataClasses.size === 0 &&
    !scope.some((name) => /audit/i.test(name))
      ? [review('personal', 'the text speaks of data of people')]
      : []),
    ...(circumstances.has('aboutOne') && scope.some((name) => /audit/i.test(name))
      ? [review('aboutOne', 'records of what one person did are asked for')]
      : []),
    ...(scope.length === 0 ? [review('vague', 'the text does not tell which relations are needed')] : []),
    ...(scope.includes('*') ? [review('whole', 'the whole database is needed')] : []),
    ...(scope.length > MOST_RELATIONS
      ? [review('wide', `${scope.length} relations are asked for at once`)]
      : []),
    ...(ttlMinutes > LONGEST ? [review('long', `${ttlMinutes} minutes are longer than ${LONGEST}`)] : []),
    ...(/contractor|external|vendor|extern|consultant|temp|guest|intern\b|trainee|unknown/i.test(role)
      ? [review('contractor', `somebody in the role ${role} is not granted at once`)]
      : []),
    ...(words.length < 3 ? [review('short', 'the text gives no reason')] : []),
  ];
};

const MOST_RELATIONS = 6;

/** A purpose that no phrase is known for takes more words than this; what it is, the model has to tell. */
const FEW_WORDS = 6;

const understood: Rule = ({ purposes: found, remarks, words }) => [
  ...(remarks.foreign
    ? [review('foreign', 'some of the text is in a language or form that triage cannot read')]
    : []),
  ...(remarks.beside ? [review('beside', 'a sentence has nothing to do with what is asked')] : []),
  ...(remarks.stray ? [review('stray', 'a few words stand alone that are no part of a request')] : []),
  ...(remarks.addressed ? [review('addressed', 'the text speaks to somebody')] : []),
  ...(found.size === 0 && words.length < FEW_WORDS
    ? [review('purpose', 'the text does not tell what for')]
    : []),
];

const DATA = {
  personal: 'the relations hold data of people',
  money: 'the relations hold payments or pay',
  secret: 'the relations hold credentials',
} as const;

const RULES: readonly Rule[] = [influence, pressure, purposes, changes, reach, understood];

/** The strictest first. */
export function groundsOf(reading: Reading): readonly Ground[] {
  const grounds = RULES.flatMap((rule) => rule(reading));
  return [
    ...grounds.filter(({ calls }) => calls === 'deny'),
    ...grounds.filter(({ calls }) => calls === 'review'),
  ];
}

/** Whether the text tries to influence whoever decides. */
export const isSuspicious = ({ manners, hidden }: Reading): boolean =>
  hidden.length > 0 || [...INFLUENCE, 'skipsApproval'].some((concept) => manners.has(concept));

/** Grounds that are about how a request is put, not about what it is for. */
const OF_THE_TEXT: ReadonlySet<string> = new Set([
  ...['claimsIdentity', 'verbalApproval', 'authority', 'pressure', 'curiosity', 'privateCopy', 'auditOff'],
  ...['superuser', 'wallsDown', 'sharesAccess', 'everything', 'foreign', 'beside', 'stray', 'addressed'],
]);

/** Whether a person has to look at the text, whatever is asked for. */
export const isDoubtful = (grounds: readonly Ground[]): boolean =>
  grounds.some(({ name }) => OF_THE_TEXT.has(name));

const manner = (concept: string, calls: Ground['calls']): Ground =>
  ground(concept, calls, MANNERS.reason(concept));
const review = (name: string, reason: string): Ground => ground(name, 'review', reason);
const ground = (name: string, calls: Ground['calls'], reason: string): Ground => ({ name, calls, reason });
