import { signal } from '@preact/signals';
import { applyTheme, keepTheme, keptTheme, THEMES, type Theme } from './kept-theme.ts';

export const theme = signal<Theme>(keptTheme());

/** From the system's to light, dark, and back. */
export function nextTheme(): void {
  const next = THEMES[(THEMES.indexOf(theme.peek()) + 1) % THEMES.length]!;
  theme.value = next;
  keepTheme(next);
  applyTheme(next);
}
