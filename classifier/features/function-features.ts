/** Which classes of functions are called, and strings that are put together from codes. */
import { as, type Fields, kindOf, wordsOf } from '../tree.ts';
import { constantOf, makeOf, operatorOf } from './expression.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import { numberOf } from './query-features.ts';
import { classesOf, type FunctionClass } from './vocabulary.ts';

export const FUNCTION_FEATURES = {
  calls: feature('functions are called (log2)'),
  delay: feature('functions that wait are called', 1),
  foreign: feature("another product's packages are called", 1),
  error: feature('functions known for leaking through their errors are called', 1),
  characters: feature('characters are made from codes, or codes from characters', 1),
  slicing: feature('strings are cut', 0),
  joining: feature('values are joined into one string', 0),
  choice: feature("another product's conditional functions are called", 1),
  file: feature('functions that read or write files are called', 1),
  network: feature('functions that connect elsewhere are called', 1),
  command: feature('functions that run commands are called', 1),
  whole: feature('functions that export whole relations are called', 1),
  gathering: feature('rows are gathered into one value', 0),
  hiding: feature('values are hashed or encoded', 0),
  admin: feature('functions that act on the server or on others are called', 1),
  identity: feature('the session asks who and where it is', 0),
  random: feature('random values', 0),
  slicedQueries: feature('single characters of a query’s result are looked at', 1),
  codeChains: feature('strings are built from character codes (pieces)', 1),
  constantChains: feature('strings are built from constants (pieces)', 1),
  castQueries: feature('a query’s result or a built string is cast to another type', 1),
  bigSeries: feature('a function is called with a huge number', 1),
  gatheredWhole: feature('a whole relation is gathered into one value', 1),
  hiddenGathering: feature('gathered rows are hashed or encoded', 1),
} satisfies FeatureTexts;

export type FunctionFeature = keyof typeof FUNCTION_FEATURES;

/** From here on a number is huge: rows to generate, rounds to compute. */
const HUGE = 1_000_000;

const FOREIGN =
  /^(dbms_|utl_|ctxsys|ordsys|xp_|sp_|fn_|rdb\$|sysibm|owa_|apex_|httpuritype|java_|master$|msdb$|mysql$|sys$|regexp_substring$|crypt_key$|convert$|randomblob$|benchmark$)/;

export function measureCall(tally: Tally<FunctionFeature>, call: Fields, within: string | null): void {
  tally.calls++;
  if (wordsOf(call.funcname).some((name) => FOREIGN.test(name))) tally.foreign++;
  const classes = classesOf(functionOf(call));
  for (const name of classes) if (name !== 'hiding' || hides(call)) tally[name]++;
  const args = Array.isArray(call.args) ? call.args : [];
  if (args.some((arg) => (numberOf(arg) ?? 0) >= HUGE)) tally.bigSeries++;
  if (classes.includes('slicing') || classes.includes('characters'))
    if (makeOf(args).queries > 0) tally.slicedQueries++;
  if (classes.includes('gathering') && within !== null && classesOf(within).includes('hiding'))
    tally.hiddenGathering++;
}

export const functionOf = (call: Fields): string => wordsOf(call.funcname).at(-1) ?? '';

/** CURRENT_USER and its like are calls without brackets. */
export function measureValueFunction(tally: Tally<FunctionFeature>, node: Fields): void {
  if (/USER|ROLE|CATALOG|SCHEMA/.test(String(node.op))) tally.identity++;
}

/** The topmost `||` of a chain. */
export function measureChain(tally: Tally<FunctionFeature>, operation: Fields): void {
  const pieces = [...piecesOf(operation.lexpr), ...piecesOf(operation.rexpr)];
  const codes = pieces.filter(isCode).length;
  const constants = pieces.filter((piece) => constantOf(piece) !== null).length;
  if (codes > 0) tally.codeChains = Math.max(tally.codeChains, codes);
  if (constants > 1 && makeOf(pieces).columns === 0)
    tally.constantChains = Math.max(tally.constantChains, constants);
}

/** What is written in the text itself is hidden from nobody. */
function hides({ args }: Fields): boolean {
  const { columns, queries } = makeOf(args);
  return columns + queries > 0;
}

export function measureCast(tally: Tally<FunctionFeature>, cast: Fields): void {
  const make = makeOf(cast.arg);
  if (make.columns > 0) return;
  const chain = as(cast.arg, 'A_Expr');
  if (make.queries > 0 || (chain !== null && operatorOf(chain) === '||')) tally.castQueries++;
}

const isCode = (piece: unknown): boolean => {
  const call = as(piece, 'FuncCall');
  return call !== null && classesOf(functionOf(call)).includes('characters');
};

function piecesOf(expression: unknown): readonly unknown[] {
  const operation = as(expression, 'A_Expr');
  if (operation === null || operatorOf(operation) !== '||') return [expression];
  return [...piecesOf(operation.lexpr), ...piecesOf(operation.rexpr)];
}

/** A gathering call in the target list of a query without a condition. */
export function measureGathering(
  tally: Tally<FunctionFeature>,
  targets: readonly unknown[],
  whole: boolean,
): void {
  if (!whole) return;
  for (const target of targets) {
    const value = as(target, 'ResTarget')?.val;
    if (kindOf(value) === 'FuncCall' && gathers(value)) tally.gatheredWhole++;
  }
}

function gathers(value: unknown): boolean {
  const call = as(value, 'FuncCall');
  if (call === null) return false;
  const classes: readonly FunctionClass[] = classesOf(functionOf(call));
  return classes.includes('gathering') || (Array.isArray(call.args) && call.args.some(gathers));
}
