/** The triage model on disk: `triage.onnx`, and `model.json` with its hash and what it was made of. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../model-files.ts';
import { FEATURES, TRIAGE_FEATURE_VERSION } from './features.ts';
import { Triage } from './triage.ts';
import { readTriageModel, writeTriageModel } from './triage-graph.ts';
import type { TriageModel } from './triage-model.ts';

/** The model that comes with Postern. */
export const SHIPPED_TRIAGE: string = new URL('../models/triage', import.meta.url).pathname;

/** `model.json`. */
export interface TriageFacts {
  readonly featureVersion: number;
  /** Of the names of the features: a lexicon with other concepts needs another model. */
  readonly features: string;
  readonly seed: number;
  /** SHA-256 of triage.onnx, in hexadecimal. */
  readonly sha256: string;
  /** What it learnt from: counts. */
  readonly data: Readonly<Record<string, number>>;
}

/** The bytes depend on nothing but the model and the facts. */
export function writeTriageFolder(
  folder: string,
  model: TriageModel,
  facts: Pick<TriageFacts, 'seed' | 'data'>,
): TriageFacts {
  mkdirSync(folder, { recursive: true });
  const bytes = writeTriageModel(model, { featureVersion: String(TRIAGE_FEATURE_VERSION) });
  const all: TriageFacts = {
    featureVersion: TRIAGE_FEATURE_VERSION,
    features: hashOf(Buffer.from(FEATURES.join('\n'))).slice(0, 12),
    ...facts,
    sha256: hashOf(bytes),
  };
  writeFileSync(join(folder, 'triage.onnx'), bytes);
  writeFileSync(join(folder, 'model.json'), `${JSON.stringify(all, null, 1)}\n`);
  return all;
}

/** Throws a ModelError where the folder has no sound model for these features. */
export function openTriage(folder: string = SHIPPED_TRIAGE): Triage {
  return Triage.of(readTriageFolder(folder).model);
}

export function readTriageFolder(folder: string): {
  readonly model: TriageModel;
  readonly facts: TriageFacts;
} {
  try {
    const facts = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as TriageFacts;
    const bytes = readFileSync(join(folder, 'triage.onnx'));
    if (hashOf(bytes) !== facts.sha256) throw new ModelError('triage.onnx is not the file of model.json');
    const features = hashOf(Buffer.from(FEATURES.join('\n'))).slice(0, 12);
    if (facts.featureVersion !== TRIAGE_FEATURE_VERSION || facts.features !== features)
      throw new ModelError('it was made for other features: train it again');
    return { model: readTriageModel(bytes), facts };
  } catch (error) {
    throw new ModelError(
      `${folder} has no sound triage model: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
