/**
 * Runs one trace against one server: a real PostgreSQL, or the proxy. Lines to the server that stand together go out
 * in one write; every message that comes back must be the next expected line, and nothing else may come.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Login, TraceConnection } from './trace-connection.ts';
import { type Side, type Step, stepsFor, type Trace } from './trace-file.ts';
import { parseLine } from './words.ts';

export interface Stage {
  readonly side: Side;
  readonly login: Login;
  /** `bytes`: one write for each byte, so that messages come in pieces. */
  readonly pace: 'whole' | 'bytes';
  /** How many statements whose text has `part` in it run in the trace's database right now, asked of PostgreSQL itself. */
  running(part: string): Promise<number>;
}

const ANY_SETTINGS = 'ParameterStatus*';
const AWAIT_MS = 60_000;
/** Longer than any buffer on the way. */
const LONG = 'x'.repeat(300_000);

/** Throws an Error with file, line, what was expected, what came, and everything before it. */
export async function runTrace(trace: Trace, stage: Stage): Promise<void> {
  const run = new TraceRun(stage);
  const steps = stepsFor(trace, stage.side);
  let at: Step | undefined;
  try {
    for (const group of grouped(steps)) {
      at = group[0]!;
      await run.step(group);
    }
    at = undefined;
    await run.finish();
  } catch (error) {
    const where = at === undefined ? `${trace.file}, at its end` : `${trace.file}:${at.line}`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${where} (${stage.side}): ${message}\n${run.transcript.join('\n')}`);
  } finally {
    run.destroy();
  }
}

/** Sends of one connection with no blank line between make one group; every other step stands alone. */
export function grouped(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1)?.[0];
    const joins = step.kind === 'send' && !step.apart;
    if (joins && last?.kind === 'send' && last.conn === step.conn) groups.at(-1)!.push(step);
    else groups.push([step]);
  }
  return groups;
}

export class TraceRun {
  readonly transcript: string[] = [];
  readonly #stage: Stage;
  readonly #connections = new Map<string, TraceConnection>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async step(group: readonly Step[]): Promise<void> {
    const step = group[0]!;
    switch (step.kind) {
      case 'send':
        return this.send(group);
      case 'expect':
        return this.#expect(step);
      case 'do':
        return this.#do(step);
    }
  }

  async send(group: readonly Step[]): Promise<void> {
    const connection = await this.connection(group[0]!.conn);
    for (const step of group) this.transcript.push(`${step.conn}> ${step.text}`);
    const lines = group.map((step) => this.#fill(step.text));
    await connection.send(lines, (conn) => this.#connections.get(conn)!.key, this.#stage.pace);
  }

  async connection(name: string): Promise<TraceConnection> {
    const known = this.#connections.get(name);
    if (known !== undefined) return known;
    const opened = await TraceConnection.ready(this.#stage.login);
    this.#connections.set(name, opened);
    return opened;
  }

  /** All connections leave; a message that no line of the trace took is an error. */
  async finish(): Promise<void> {
    for (const [name, connection] of this.#connections) {
      const unexpected = await connection.leave();
      if (unexpected.length > 0) throw new Error(`${name}< not expected: ${unexpected.join('\n')}`);
    }
  }

  destroy(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  async #expect(step: Step): Promise<void> {
    const connection = await this.connection(step.conn);
    if (step.text === ANY_SETTINGS) {
      while ((await connection.peek()).startsWith('ParameterStatus ')) await connection.receive();
      return;
    }
    const line = await connection.receive(step.text.startsWith('byte ') ? 'byte' : 'message');
    this.transcript.push(`${step.conn}< ${line}`);
    const expected = this.#fill(step.text);
    if (!matches(expected, line)) throw new Error(`expected\n  ${expected}\ncame\n  ${line}\nafter`);
  }

  async #do(step: Step): Promise<void> {
    const { type, words, options } = parseLine(step.text);
    this.transcript.push(`${step.conn}: ${step.text}`);
    switch (type) {
      case 'open': {
        const opened = await TraceConnection.open(this.#stage.login);
        this.#connections.set(step.conn, opened);
        if (words[0] === 'tls') await opened.startTls(options.alpn);
        return;
      }
      case 'tls':
        return (await this.connection(step.conn)).startTls(options.alpn);
      case 'await':
        return this.#awaitRunning(String(words[0]) === 'running', String(words[1]));
      default:
        throw new Error(`unknown step ${type}`);
    }
  }

  async #awaitRunning(wanted: boolean, part: string): Promise<void> {
    const deadline = Date.now() + AWAIT_MS;
    while ((await this.#stage.running(part)) > 0 !== wanted) {
      if (Date.now() > deadline) throw new Error(`still ${wanted ? 'not running' : 'running'}: ${part}`);
      await sleep(20);
    }
  }

  #fill(text: string): string {
    const { user, password, database } = this.#stage.login;
    const values = { user, password, database, long: LONG };
    return text.replace(/\$(user|password|database|long)/g, (_, name: keyof typeof values) => values[name]);
  }
}

/** Equal; or equal up to ` ...` at the end of what is expected. */
function matches(expected: string, line: string): boolean {
  return expected.endsWith(' ...') ? line.startsWith(expected.slice(0, -4)) : line === expected;
}
