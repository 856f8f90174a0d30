import { SpoolSource } from '../audit/spool-source.ts';
import { StoreSource } from '../audit/store/store-source.ts';
import type { TrailSource } from '../audit/trail-source.ts';
import type { Config } from './config.ts';
import { storeTarget } from './store/store-connection.ts';

/** Where reviewers read the trail: in the store, which has that of all nodes; without one in the spool of this node. */
export function openTrailSource({ audit }: Pick<Config, 'audit'>): TrailSource {
  return audit.store === null ? new SpoolSource(audit.spool) : new StoreSource(storeTarget(audit.store));
}
