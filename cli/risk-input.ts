import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openScorer, type Scorer, SHIPPED_MODEL } from '../classifier/scorer.ts';
import { EXIT, ExitError } from './exit.ts';

export interface ModelOption {
  readonly model: string;
}

export const MODEL_OPTION = ['--model <folder>', 'a model of `postern risk train`', SHIPPED_MODEL] as const;

export async function scorerOf({ model }: ModelOption): Promise<Scorer> {
  return openScorer(model === 'builtin' ? SHIPPED_MODEL : model).catch((error: unknown) => {
    throw new ExitError(EXIT.failed, error instanceof Error ? error.message : String(error));
  });
}

/** Lines of JSON of a file, or of standard input without one; `check` says what a line lacks, or null. */
export async function* jsonLines<Line>(
  file: string | undefined,
  check: (value: Readonly<Record<string, unknown>>) => string | null,
): AsyncGenerator<Line> {
  if (file !== undefined && file !== '-' && !existsSync(file))
    throw new ExitError(EXIT.usage, `there is no file ${file}`);
  const input = file === undefined || file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== '') yield parsed<Line>(text, number, check);
  }
}

function parsed<Line>(
  text: string,
  number: number,
  check: (value: Readonly<Record<string, unknown>>) => string | null,
): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ExitError(EXIT.usage, `line ${number} is not JSON`);
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const lacks = isObject ? check(value as Readonly<Record<string, unknown>>) : 'is not an object';
  if (lacks !== null) throw new ExitError(EXIT.usage, `line ${number} ${lacks}`);
  return value as Line;
}

/** Four digits. */
export const rounded = (score: number): number => Math.round(score * 1e4) / 1e4;
