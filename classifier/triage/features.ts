/** What the model sees of a request: concepts as zeros and ones, and its wording in hashed places. */
import { type Ground, LONGEST } from './grounds.ts';
import { ACTION_WORDS, CIRCUMSTANCES, MANNERS, PURPOSES } from './lexicons.ts';
import type { Reading } from './reading.ts';
import { ACTIONS } from './request.ts';

/** A model fits only the features that it was trained with. */
export const TRIAGE_FEATURE_VERSION = 1;
/** Places of the wording: a power of two. */
export const WORDING_SIZE = 2048;

const ROLES: readonly (readonly [string, RegExp])[] = [
  ['contractor', /contractor|external|vendor|consultant/i],
  ['agent', /agent$|^ai|bot|assistant/i],
  ['support', /support|care|helpdesk/i],
  ['analyst', /analyst|scientist|product|finance|marketing|sales/i],
  ['engineer', /engineer|developer/i],
  ['operations', /sre|oncall|on_call|dba|ops|admin/i],
  ['security', /security|audit|compliance|dpo/i],
  ['service', /service|etl|pipeline/i],
];
const DATA = ['personal', 'money', 'secret'] as const;
const SHAPES = [
  'hidden',
  'foreign',
  'beside',
  'addressed',
  'long',
  'everything',
  'nothing',
  'catalogs',
  'several',
  'few words',
  'rules: review',
  'rules: deny',
];

export const FEATURES: readonly string[] = [
  ...PURPOSES.concepts.map((name) => `purpose: ${name}`),
  ...MANNERS.concepts.map((name) => `manner: ${name}`),
  ...CIRCUMSTANCES.concepts.map((name) => `circumstance: ${name}`),
  ...ACTION_WORDS.concepts.map((name) => `says: ${name}`),
  ...ACTIONS.map((name) => `asks: ${name}`),
  ...ACTIONS.map((name) => `needs: ${name}`),
  ...ROLES.map(([name]) => `role: ${name}`),
  ...DATA.map((name) => `data: ${name}`),
  ...SHAPES,
];

export interface TriageInput {
  /** One value per feature. */
  readonly row: Float32Array;
  /** Places of the wording, ascending, each once. */
  readonly bag: Uint16Array;
}

export function inputOf(reading: Reading, grounds: readonly Ground[]): TriageInput {
  const { request, scope, words } = reading;
  const { requester, requested } = request;
  const shapes = [
    reading.hidden.length > 0,
    reading.remarks.foreign,
    reading.remarks.beside,
    reading.remarks.addressed,
    requested.ttlMinutes > LONGEST,
    requested.tables.includes('*'),
    scope.length === 0,
    scope.length > 0 && scope.every((name) => /^(pg_|information_schema)/.test(name)),
    scope.length > 1,
    words.length < 8,
    grounds.length > 0,
    grounds.some(({ calls }) => calls === 'deny'),
  ];
  const values = [
    ...PURPOSES.concepts.map((name) => reading.purposes.has(name)),
    ...MANNERS.concepts.map((name) => reading.manners.has(name)),
    ...CIRCUMSTANCES.concepts.map((name) => reading.circumstances.has(name)),
    ...ACTION_WORDS.concepts.map((name) => reading.said.has(name)),
    ...ACTIONS.map((name) => reading.asked.has(name)),
    ...ACTIONS.map((name) => reading.actions.includes(name)),
    ...ROLES.map(([, form]) => form.test(requester.role)),
    ...DATA.map((name) => reading.dataClasses.has(name)),
    ...shapes,
  ];
  return { row: Float32Array.from(values, Number), bag: bagOf(words) };
}

/** Words, pairs of them, and beginnings and ends of longer ones; names and numbers are masked. */
function bagOf(words: readonly string[]): Uint16Array {
  const places = new Set<number>();
  const add = (text: string) => places.add(hash(text) & (WORDING_SIZE - 1));
  let before = '';
  for (const word of words.slice(0, MOST_WORDS)) {
    const masked = /[._]/.test(word) ? 'NAME' : /\d/.test(word) ? '0' : word;
    add(masked);
    add(`${before} ${masked}`);
    if (masked.length > AFFIX) add(`${masked.slice(0, AFFIX)}-`);
    before = masked;
  }
  return Uint16Array.from(places).sort();
}

const MOST_WORDS = 400;
const AFFIX = 5;

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
