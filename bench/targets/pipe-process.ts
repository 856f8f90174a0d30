import { join } from 'node:path';
import { OwnChild } from './own-child.ts';

export interface PipeProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** A bare TCP pipe in a process of its own, on a free loopback port; `nodeArgs` are for node itself. */
export async function startPipe(target: number, nodeArgs: readonly string[] = []): Promise<PipeProcess> {
  const child = await OwnChild.start(join(import.meta.dirname, 'pipe.ts'), [String(target)], nodeArgs);
  return { pid: child.pid, port: Number(child.firstLine), stop: () => child.stop() };
}
