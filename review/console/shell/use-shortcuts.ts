import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { menuPages } from './menu-pages.ts';

/** ms between the two keys of a shortcut. */
export const PATIENCE = 1_200;

/**
 * Keys of the whole console: `g` and a page's letter, `/` for the filter of a page, `?` for the list of them. None while
 * somebody types, or holds a modifier: those are the browser's and the screen reader's.
 */
export function useShortcuts(showSheet: () => void): void {
  const { route } = useLocation();
  useEffect(() => {
    let goUntil = 0;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || dialogIsOpen()) return;
      const going = event.timeStamp < goUntil;
      goUntil = event.key === 'g' ? event.timeStamp + PATIENCE : 0;
      if (going) {
        const page = menuPages().find(({ menu }) => menu.key === event.key);
        if (page) route(page.path);
        return;
      }
      if (event.key === '?') showSheet();
      else if (event.key === '/') focusFilter(event);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [route]);
}

function focusFilter(event: Event): void {
  const filter = document.querySelector<HTMLInputElement>('main input[type="search"]');
  if (filter === null) return;
  event.preventDefault();
  filter.focus();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

const dialogIsOpen = (): boolean => document.querySelector('dialog[open]') !== null;
