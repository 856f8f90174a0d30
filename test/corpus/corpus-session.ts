/** A client of the corpus: runs steps, and keeps everything that the server says to it. */
import { message, RawClient, type RawMessage } from '../helpers/raw-client.ts';
import { encodeLine } from '../traces/frontend-text.ts';
import { parseLine } from '../traces/words.ts';
import type { Step } from './case-format.ts';

export interface SeenError {
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly detail: string;
  readonly hint: string;
}

/** Where a session goes. */
export interface Address {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** ms; a step that takes longer has hung. */
const TIMEOUT = 60_000;
/** Rows, COPY data, errors, notices, notifications, parameter statuses, descriptions, results of functions: what can carry data. */
const CARRIERS = 'DdENASTtV';

export class CorpusSession {
  readonly errors: SeenError[] = [];
  /** Command tags. */
  readonly tags: string[] = [];
  readonly #client: RawClient;
  readonly #seen: string[] = [];
  #open = true;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  /** A refusal at login is an error that the session has seen. */
  static async open(
    address: Address,
    startup: Readonly<Record<string, string>> = {},
  ): Promise<CorpusSession> {
    const session = new CorpusSession(await RawClient.connect(address.port));
    try {
      await session.#client.login({ ...address, parameters: startup });
    } catch (refusal) {
      session.#refused(refusal);
    }
    return session;
  }

  /** Everything that came as text, in order. */
  get seen(): string {
    return this.#seen.join('\n');
  }

  async run(step: Step, protocol: 'simple' | 'extended'): Promise<void> {
    if (!this.#open) return;
    const bytes = bytesOf(step, protocol);
    this.#client.send(bytes.messages);
    for (let ready = 0; ready < bytes.answers && this.#open; ) {
      const next = await this.#client.receive(TIMEOUT);
      if (next === null) this.#open = false;
      else if (next.type === 'Z') ready += 1;
      else if (next.type === 'G' && !('messages' in step)) this.#client.send(copyData(step));
      else this.#take(next);
    }
  }

  /** Terminates; the server may take a moment to end its side. */
  close(): void {
    if (this.#open) this.#client.send(message('X'));
    this.#client.socket.end();
  }

  #take(next: RawMessage): void {
    if (CARRIERS.includes(next.type)) this.#seen.push(next.body.toString('utf8'));
    if (next.type === 'E') this.errors.push(fieldsOf(next.body));
    if (next.type === 'C') this.tags.push(next.body.toString('utf8', 0, next.body.length - 1));
  }

  #refused(refusal: unknown): void {
    const said = /^login refused: (\S+) (.*)/s.exec(refusal instanceof Error ? refusal.message : '');
    if (said === null) throw refusal;
    this.#open = false;
    this.#seen.push(said[2]!);
    this.errors.push({ severity: 'FATAL', sqlstate: said[1]!, message: said[2]!, detail: '', hint: '' });
  }
}

/** `SQLSTATE message (detail)` */
export function errorLine({ sqlstate, message, detail }: SeenError): string {
  return detail === '' ? `${sqlstate} ${message}` : `${sqlstate} ${message} (${detail})`;
}

interface StepBytes {
  readonly messages: Buffer;
  /** How often ReadyForQuery will come. */
  readonly answers: number;
}

function bytesOf(step: Step, protocol: 'simple' | 'extended'): StepBytes {
  if ('query' in step && protocol === 'simple') return { messages: queryMessage(step.query), answers: 1 };
  if ('query' in step) return pipelineBytes([step.query]);
  if ('extended' in step) return pipelineBytes([step]);
  if ('pipeline' in step) return pipelineBytes(step.pipeline);
  if ('copy' in step)
    return protocol === 'simple'
      ? { messages: queryMessage(step.copy), answers: 1 }
      : pipelineBytes([step.copy]);
  return messageBytes(step.messages);
}

type Extended = Extract<Step, { readonly extended: string }>;

function pipelineBytes(statements: readonly (string | Extended)[]): StepBytes {
  const each = statements.map((statement) =>
    extendedBytes(typeof statement === 'string' ? { extended: statement } : statement),
  );
  return { messages: Buffer.concat([...each, message('S')]), answers: 1 };
}

function extendedBytes({ extended, types = [], values = [], binary = false }: Extended): Buffer {
  const parameters = values.map((value) =>
    value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]),
  );
  return Buffer.concat([
    message('P', text(''), text(extended), int16(types.length), ...types.map(int32)),
    message(
      'B',
      text(''),
      text(''),
      int16(0),
      int16(values.length),
      ...parameters,
      int16(1),
      int16(binary ? 1 : 0),
    ),
    message('D', Buffer.from('P'), text('')),
    message('E', text(''), int32(0)),
  ]);
}

function messageBytes(source: string): StepBytes {
  const lines = source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseLine(line.trim()));
  const asked = lines.filter(({ type }) => type === 'Query' || type === 'Sync' || type === 'FunctionCall');
  return { messages: Buffer.concat(lines.map(encodeLine)), answers: asked.length };
}

function copyData(step: Step): Buffer {
  if (!('copy' in step)) return message('f', text('no data'));
  return Buffer.concat([message('d', Buffer.from(step.data)), message('c')]);
}

function fieldsOf(body: Buffer): SeenError {
  const fields = body.toString('utf8').split('\0');
  const field = (code: string): string => fields.find((each) => each.startsWith(code))?.slice(1) ?? '';
  return {
    severity: field('V'),
    sqlstate: field('C'),
    message: field('M'),
    detail: field('D'),
    hint: field('H'),
  };
}

const queryMessage = (sql: string): Buffer => message('Q', text(sql));
const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
