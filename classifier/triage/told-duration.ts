import { folded } from './folding.ts';

/** "for 20 minutes", "für eine Stunde": how long the access is to last, not how old the rows are ("for the last 2 hours"). */
const TOLD =
  /(?<![\p{L}\p{N}])(?:for|fur|pour|pendant|durante|por|per|voor)\s+(?:(?:only|about|ca|etwa|nur|environ|unos|circa|ongeveer)\.?\s+)?(\d{1,4}|an?|eine?|une?|una?|uma?|een)\s*(m|min|mins|h|hrs?|minut\p{L}*|hours?|stunden?|heures?|horas?|ora|ore|uur|uren)(?![\p{L}\p{N}])(?!\s+(?:of|worth|ago))/u;

/** Minutes; null: the text does not tell. */
export function toldDuration(text: string): number | null {
  const [, count, unit] = TOLD.exec(folded(text)) ?? [];
  if (count === undefined || unit === undefined) return null;
  const number = /^\d/.test(count) ? Number(count) : 1;
  const minutes = unit.startsWith('m') ? number : 60 * number;
  return minutes > 0 ? minutes : null;
}
