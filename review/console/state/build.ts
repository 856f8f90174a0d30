/** Whether the server has another build of the console by now than this page is of: then parts of it may be gone. */
import { signal } from '@preact/signals';

const NAMED = /<meta name="postern-build" content="([^"]+)"/;

const own = document.querySelector<HTMLMetaElement>('meta[name="postern-build"]')?.content ?? null;

export const outdated = signal(false);

/** Asks the server. While it does not answer, nothing is known, and nothing changes. */
export async function lookBuild(): Promise<void> {
  const page = await fetch('/', { cache: 'no-store' }).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  );
  const there = NAMED.exec(page)?.[1];
  if (there !== undefined) outdated.value = there !== own;
}

/** From then on the browser itself follows links, and so loads the new build. Until what it returns is called. */
export function leaveWhenOutdated(): () => void {
  const press = (event: MouseEvent): void => {
    const { target } = event;
    if (outdated.peek() && target instanceof Element && target.closest('a[href^="/"]'))
      event.stopPropagation();
  };
  document.addEventListener('click', press, { capture: true });
  return () => document.removeEventListener('click', press, { capture: true });
}
