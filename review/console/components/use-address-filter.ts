import { type Signal, useSignal } from '@preact/signals';
import { useLocation } from 'preact-iso/router';
import { withQuery } from '../api/client.ts';

export interface AddressFilter {
  readonly filter: Signal<string>;
  readonly change: (filter: string) => void;
}

/** What a list is filtered by. It stands in the address: it outlives a reload, and can be sent to somebody. */
export function useAddressFilter(): AddressFilter {
  const { path, query, route } = useLocation();
  const filter = useSignal('');
  filter.value = query.find ?? '';
  return { filter, change: (find) => route(withQuery(path, { ...query, find }), true) };
}
