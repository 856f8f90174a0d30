import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../classifier/model-files.ts';
import { openTriage, readTriageFolder } from '../../classifier/triage/model-folder.ts';
import type { TriageRequest, TriageResult } from '../../classifier/triage/request.ts';
import { stricterResult } from '../../classifier/triage/stricter-result.ts';
import { Triage } from '../../classifier/triage/triage.ts';
import type { TriageConfig } from '../config-triage.ts';
import type { PluggedModel } from './plugged-model.ts';

/** What triage makes of a request, and by which model. */
export interface TriageOpinion extends TriageResult {
  readonly model: string;
}

export interface HostedModels {
  readonly triage: Triage;
  readonly name: string;
  /** Can only make the other stricter. null: there is none. */
  readonly plugged: PluggedModel | null;
  /** Hears of it when the plugged one does not answer. */
  readonly warn: (message: string) => void;
}

const BUILTIN = 'builtin';

/** The models that read requests: the built-in one or one trained here, and perhaps a larger one beside it. */
export class TriageHost {
  readonly #models: HostedModels;

  /** Rejects with a ModelError if the model can't be used. */
  static async open(
    { model, timeout }: TriageConfig,
    warn: HostedModels['warn'] = () => {},
  ): Promise<TriageHost> {
    if (model === BUILTIN) return new TriageHost({ ...builtin(), plugged: null, warn });
    if (existsSync(join(model, 'model.json'))) {
      const { model: weights, facts } = readTriageFolder(model);
      return new TriageHost({
        ...{ triage: Triage.of(weights), name: facts.sha256.slice(0, 12) },
        ...{ plugged: null, warn },
      });
    }
    if (!existsSync(join(model, 'model.onnx')))
      throw new ModelError(
        `${model} has no triage model: neither model.json with triage.onnx, nor model.onnx with tokenizer.json or vocab.txt`,
      );
    const { PluggedModel } = await import('./plugged-model.ts'); // with ONNX Runtime, which nobody else waits for
    return new TriageHost({ ...builtin(), plugged: await PluggedModel.open(model, timeout), warn });
  }

  constructor(models: HostedModels) {
    this.#models = models;
  }

  /** Never rejects. */
  async triage(request: TriageRequest): Promise<TriageOpinion> {
    const { triage, name, plugged, warn } = this.#models;
    const own = { ...triage.triage(request), model: name };
    if (plugged === null) return own;
    const other = await plugged.triage(request);
    if ('fault' in other) {
      const said = `model ${plugged.id} ${other.fault}: the built-in one has answered alone`;
      warn(said);
      return { ...own, reasons: [...own.reasons, said] };
    }
    return { ...stricterResult(own, other), model: `${plugged.id} with ${name}` };
  }
}

const builtin = () => ({ triage: openTriage(), name: BUILTIN });
