import { useEffect, useRef } from 'preact/hooks';
import { PATIENCE } from '../../shell/use-shortcuts.ts';

/**
 * j and k to go through the queue, t and f for the verdict, n for the note: keys press the very buttons that are there, so
 * that both do the same. None while somebody types or holds a modifier, nor after `g`, which leads to another page.
 */
export function useFlagKeys(move: (by: 1 | -1) => void): void {
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    let goingUntil = 0;
    const press = (event: KeyboardEvent): void => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      if (target instanceof HTMLElement && target.matches('input, textarea, select')) {
        if (key === 'Escape') target.blur();
        return;
      }
      const going = event.timeStamp < goingUntil;
      goingUntil = key === 'g' ? event.timeStamp + PATIENCE : 0;
      if (!going) act(key, event);
    };
    const act = (key: string, event: KeyboardEvent): void => {
      if (key === 'j') latest.current(1);
      else if (key === 'k') latest.current(-1);
      else if (event.repeat) return;
      else if (key === 't') verdictButton('true')?.click();
      else if (key === 'f') verdictButton('false')?.click();
      else if (key === 'n') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('.judge input')?.focus();
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

const verdictButton = (verdict: 'true' | 'false') =>
  document.querySelector<HTMLButtonElement>(`.judge button[data-verdict="${verdict}"]`);
