/**
 * Reads a `.trace` file into a header and steps. The format is described in README.md beside this file.
 * Nothing here knows what a message looks like: a step keeps its words, `frontend-text.ts` and `backend-text.ts` give
 * them meaning.
 */
import { readFileSync } from 'node:fs';

export type Side = 'direct' | 'proxy';

export interface Step {
  readonly kind: 'send' | 'expect' | 'do';
  /** Name of the connection; empty for the usual single one. */
  readonly conn: string;
  /** What stands after `>`, `<` or the connection's name. */
  readonly text: string;
  /** Line number in the file, from 1. */
  readonly line: number;
  readonly only: Side | null;
  /** A blank line stands before it: not in one write with the step above. */
  readonly apart: boolean;
}

export interface TraceHeader {
  /** `--allow` patterns of the grant, e.g. `select:trace.*`; empty: the runner's default. */
  readonly grant: readonly string[];
  readonly deny: readonly string[];
  /** The grant's limits, e.g. `rowsPerStatement` -> 3. */
  readonly limits: Readonly<Record<string, number>>;
  /** Database role of the direct run: the owner of the test schema, or one that lacks what the grant lacks. */
  readonly role: 'owner' | 'limited';
  /** Set when the whole trace is for one side; the reason is in `onlyBecause`. */
  readonly only: Side | null;
  readonly onlyBecause: string | null;
  /** Lowest major version of PostgreSQL which speaks what the trace speaks. */
  readonly since: number;
  /** What it shows hangs on bytes that come together: not to be run byte by byte. */
  readonly oneWrite: boolean;
}

export interface Trace {
  readonly file: string;
  readonly title: string;
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
}

interface MutableHeader {
  grant: string[];
  deny: string[];
  limits: Record<string, number>;
  role: 'owner' | 'limited';
  only: Side | null;
  onlyBecause: string | null;
  since: number;
  oneWrite: boolean;
}

const STEP = /^([a-z][a-z0-9]*)?([<>]) ?(.*)$/;
const ACTION = /^(?:([a-z][a-z0-9]*): )?((?:open|tls|await|wait)\b.*)$/;
const ONLY = /^only (direct|proxy): (.+)$/;

export function readTrace(path: string, file: string): Trace {
  return parseTrace(readFileSync(path, 'utf8'), file);
}

/** Throws an Error naming file and line for anything that is not of the format. */
export function parseTrace(source: string, file: string): Trace {
  const header: MutableHeader = {
    grant: [],
    deny: [],
    limits: {},
    role: 'owner',
    only: null,
    onlyBecause: null,
    since: 13,
    oneWrite: false,
  };
  const steps: Step[] = [];
  let title = '';
  let only: Side | null = null;
  let apart = false;
  source.split('\n').forEach((raw, index) => {
    const fail = (message: string): never => {
      throw new Error(`${file}:${index + 1}: ${message}`);
    };
    const text = raw.trim();
    if (text === '') {
      apart = true;
      return;
    }
    if (text.startsWith('#')) {
      title ||= text.slice(1).trim();
      return;
    }
    if (text === 'end') {
      if (only === null) fail('end without only');
      only = null;
      return;
    }
    const block = ONLY.exec(text);
    if (block !== null) {
      if (only !== null) fail('only inside only');
      only = block[1] as Side;
      return;
    }
    const step = parseStep(text);
    if (step !== null) {
      steps.push({ ...step, line: index + 1, only, apart });
      apart = false;
    } else if (steps.length > 0 || !parseHeader(header, text)) fail(`not a step: ${text}`);
  });
  if (only !== null) throw new Error(`${file}: only without end`);
  if (title === '')
    throw new Error(`${file}: the first line must be a comment that says what the trace shows`);
  return { file, title, header, steps };
}

function parseStep(text: string): Pick<Step, 'kind' | 'conn' | 'text'> | null {
  const message = STEP.exec(text);
  if (message !== null) {
    const kind = message[2] === '>' ? 'send' : 'expect';
    return { kind, conn: message[1] ?? '', text: message[3] ?? '' };
  }
  const action = ACTION.exec(text);
  return action && { kind: 'do', conn: action[1] ?? '', text: action[2] ?? '' };
}

function parseHeader(header: MutableHeader, text: string): boolean {
  const [word, ...rest] = (text.match(/"[^"]*"|\S+/g) ?? []).map((part) => part.replaceAll('"', ''));
  switch (word) {
    case 'grant':
      header.grant.push(...rest);
      return true;
    case 'deny':
      header.deny.push(...rest);
      return true;
    case 'limits':
      for (const [name, value] of rest.map((pair) => pair.split('='))) header.limits[name!] = Number(value);
      return true;
    case 'role':
      if (rest[0] !== 'owner' && rest[0] !== 'limited') return false;
      header.role = rest[0];
      return true;
    case 'since':
      header.since = Number(rest[0]);
      return true;
    case 'one-write':
      header.oneWrite = true;
      return true;
    case 'proxy-only:':
      header.only = 'proxy';
      header.onlyBecause = rest.join(' ');
      return header.onlyBecause !== '';
    default:
      return false;
  }
}

/** Steps of one side, in order. */
export function stepsFor(trace: Trace, side: Side): readonly Step[] {
  return trace.steps.filter((step) => step.only === null || step.only === side);
}
