/**
 * A model on disk: `statement.onnx`, `session.onnx`, and `model.json` with their hashes, what they were made of and how well
 * they do. `MODEL_CARD.md` tells people the same.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reference } from './drift/reference.ts';
import { FEATURE_VERSION } from './features/statement-features.ts';
import type { StatementModel } from './model/statement-model.ts';
import { readSessionModel, writeSessionModel } from './onnx/session-graph.ts';
import { readStatementModel, writeStatementModel } from './onnx/statement-graph.ts';
import type { SessionModel } from './session/session-model.ts';

/** A share of harmless statements or sessions, and the log-odds that this share reaches, measured on unseen ones. */
export interface OperatingPoint {
  readonly share: number;
  readonly logOdds: number;
}

/** `model.json`. */
export interface ModelFacts {
  readonly featureVersion: number;
  readonly seed: number;
  /** SHA-256 of the model's files, in hexadecimal. */
  readonly files: Readonly<Record<'statement.onnx' | 'session.onnx', string>>;
  /** What it learnt from: names of sources, and counts. */
  readonly data: Readonly<Record<string, string | number>>;
  /** Measured on groups that were not trained on. */
  readonly figures: Readonly<Record<string, number>>;
  readonly operatingPoints: {
    readonly statements: readonly OperatingPoint[];
    readonly sessions: readonly OperatingPoint[];
  };
  readonly reference: Reference;
}

export interface ModelFiles {
  readonly statement: StatementModel;
  readonly session: SessionModel;
  readonly facts: ModelFacts;
  /** Names the model in events and reports: the beginning of the hash of both files. */
  readonly id: string;
}

/** There is no sound model. */
export class ModelError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ModelError';
  }
}

export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const facts = await readFacts(folder);
  if (facts.featureVersion !== FEATURE_VERSION)
    throw new ModelError(
      `${folder}: made for features of version ${facts.featureVersion}, not ${FEATURE_VERSION}`,
    );
  const [statement, session] = await Promise.all([
    readSound(folder, 'statement.onnx', facts),
    readSound(folder, 'session.onnx', facts),
  ]);
  try {
    return {
      statement: readStatementModel(statement).model,
      session: readSessionModel(session),
      facts,
      id: modelId(facts),
    };
  } catch (error) {
    throw new ModelError(`${folder}: not a model of this kind`, error);
  }
}

export const modelId = ({ files }: Pick<ModelFacts, 'files'>): string =>
  hashOf(Buffer.from(`${files['statement.onnx']}${files['session.onnx']}`)).slice(0, 12);

/** The bytes depend on nothing but the models: no time, no path. */
export async function writeModelFiles(
  folder: string,
  models: Pick<ModelFiles, 'statement' | 'session'>,
  facts: Omit<ModelFacts, 'files' | 'featureVersion'>,
): Promise<ModelFacts> {
  await mkdir(folder, { recursive: true });
  const metadata = { featureVersion: String(FEATURE_VERSION) };
  const statement = writeStatementModel(models.statement, metadata);
  const session = writeSessionModel(models.session, metadata);
  const files = { 'statement.onnx': hashOf(statement), 'session.onnx': hashOf(session) };
  const all: ModelFacts = { featureVersion: FEATURE_VERSION, ...facts, files };
  await writeFile(join(folder, 'statement.onnx'), statement);
  await writeFile(join(folder, 'session.onnx'), session);
  await writeFile(join(folder, 'model.json'), `${JSON.stringify(all, null, 1)}\n`);
  return all;
}

async function readFacts(folder: string): Promise<ModelFacts> {
  const path = join(folder, 'model.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ModelFacts;
  } catch (error) {
    throw new ModelError(`there is no model in ${folder}: model.json is missing or damaged`, error);
  }
}

async function readSound(
  folder: string,
  name: keyof ModelFacts['files'],
  facts: ModelFacts,
): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, name)).catch((error: unknown) => {
    throw new ModelError(`${folder}: ${name} can't be read`, error);
  });
  if (hashOf(bytes) !== facts.files?.[name])
    throw new ModelError(`${folder}: ${name} is not the file of model.json`);
  return bytes;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
