/** Between a node and the process that ships its spool. */
import type { Config } from '../config.ts';
import type { StoreState } from './store-state.ts';

export type ToShipper =
  | { readonly kind: 'start'; readonly config: Pick<Config, 'audit' | 'node' | 'logLevel'> }
  /** Ship what is there, and end. */
  | { readonly kind: 'stop' };

export type FromShipper = { readonly kind: 'ready' } | { readonly kind: 'state'; readonly state: StoreState };
