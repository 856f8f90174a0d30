/**
 * What a node does with its trail once it is written: signs how far it has got, and has it shipped into the store.
 *
 *   shipper-process, shipper-child    the process that ships
 *   shipper-chores                    what it does besides: checkpoints, pruning, retention
 *   store-state, shipper-metrics      how that goes
 */
import type { Logger } from 'pino';
import { Checkpointer } from '../../audit/checkpointer.ts';
import type { Config } from '../config.ts';
import { checkpointKey } from './checkpoint-key.ts';
import { ShipperProcess } from './shipper-process.ts';
import type { StoreState } from './store-state.ts';

export class TrailKeeping {
  readonly #checkpointer: Checkpointer;
  readonly #shipper: ShipperProcess | null;

  /** Begins at once. @throws Error when the key for checkpoints is none, or can't be kept */
  constructor(config: Config, logger: Logger) {
    const { audit, node } = config;
    this.#checkpointer = new Checkpointer({
      ...{ spool: audit.spool, node, key: checkpointKey(audit), every: audit.checkpoints },
      compacts: audit.store === null, // else the shipper does, which adds to what is signed when it prunes
      onFault: (fault) => logger.error({ err: fault }, 'the ends of the trail can not be signed'),
    });
    this.#shipper = audit.store === null ? null : new ShipperProcess(config, logger);
  }

  /** null: there is no store. */
  get store(): StoreState | null {
    return this.#shipper?.state ?? null;
  }

  /** Prometheus text. */
  async metrics(): Promise<string> {
    return (await this.#shipper?.metrics()) ?? '';
  }

  /** When nobody on this node writes to the trail any more. */
  async close(): Promise<void> {
    await this.#checkpointer.close();
    await this.#shipper?.close();
  }
}
