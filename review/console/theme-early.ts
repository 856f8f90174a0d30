/** Runs before the first paint, as a script of its own, so that a chosen theme does not flash. */
import { applyTheme, keptTheme } from './state/kept-theme.ts';

applyTheme(keptTheme());
