/**
 * Turns of the event loop for who has much to send, a piece at a time. All sessions queue for them, since they share the
 * loop: however many such clients there are, what others have to wait for is one piece.
 */
const waiting: (() => void)[] = [];

/** Resolves in a turn of the event loop in which it does for nobody else. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });
}

function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
}
