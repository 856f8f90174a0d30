import { openTriage } from '../../classifier/triage/model-folder.ts';
import type { TriageRequest, TriageResult } from '../../classifier/triage/request.ts';
import type { Triage } from '../../classifier/triage/triage.ts';

/** What triage makes of a request, and by which model. */
export interface TriageOpinion extends TriageResult {
  readonly model: string;
}

/** The models that read requests. */
export class TriageHost {
  readonly #triage: Triage;

  /** Throws a ModelError if the model can't be used. */
  static async open(): Promise<TriageHost> {
    return new TriageHost(openTriage());
  }

  constructor(triage: Triage) {
    this.#triage = triage;
  }

  /** Never rejects. */
  async triage(request: TriageRequest): Promise<TriageOpinion> {
    return { ...this.#triage.triage(request), model: 'builtin' };
  }
}
