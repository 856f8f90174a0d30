/** Stacks as `perf script -F ip,sym,dso` prints them. */

export interface Frame {
  /** As the symbol table has it. */
  readonly symbol: string;
  /** File it is of: a library, `[kernel.kallsyms]`, or V8's map. */
  readonly object: string;
}

/** From the outermost to the innermost. */
export type Stack = readonly Frame[];

const FRAME = /^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \(([^()]*(?:\([^()]*\))?)\)$/;

export function stacksOf(script: string): readonly Stack[] {
  return script
    .split(/\n\s*\n/)
    .map((sample) =>
      sample
        .split('\n')
        .flatMap((line) => {
          const [, symbol, object] = FRAME.exec(line) ?? [];
          return symbol === undefined || object === undefined ? [] : [{ symbol, object }];
        })
        .reverse(),
    )
    .filter((stack) => stack.length > 0);
}
