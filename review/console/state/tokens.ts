/** Tokens of what was asked for on this page: they are told once, so they are gone when it is left or loaded again. */
import { signal } from '@preact/signals';
import type { Answers } from '../api/answers.ts';

export interface Told {
  readonly token: string;
  readonly proxy: Answers['askAccess']['proxy'];
}

/** By the id of the request. */
export const tokens = signal<ReadonlyMap<string, Told>>(new Map());

export function keepToken(request: string, told: Told): void {
  tokens.value = new Map([...tokens.peek(), [request, told]]);
}
