import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Connection } from '../targets/postern-process.ts';

/** What clients in another process do until they are told to stop. */
export type Load = {
  readonly connection: Connection;
  readonly clients: number;
} & (
  | { readonly kind: 'long'; readonly table: string /** Of one INSERT. */; readonly bytes: number }
  | { readonly kind: 'reads' /** Whose rows are counted, not read. */; readonly sql: string }
);

/** Resolves with what `measure` does, and with how many statements the clients sent meanwhile. */
export async function amid<T>(load: Load, measure: () => Promise<T>): Promise<readonly [T, number]> {
  const script = join(import.meta.dirname, 'load-process.ts');
  const child = fork(script, [JSON.stringify(load)], { detached: true });
  await once(child, 'message');
  const result = await measure();
  child.send('stop');
  const [statements] = (await once(child, 'message')) as [number];
  child.disconnect();
  return [result, statements];
}
