import type { Catalog } from '../guardrails/catalog.ts';
import { certainPaths } from '../guardrails/doubtful-names.ts';
import { schemaList } from '../guardrails/identifiers.ts';
import type { Names } from '../guardrails/names.ts';
import { quoted } from '../guardrails/scope.ts';

/**
 * A session keeps the search_path that it began with, and RESET leads back to it, while the catalog's may change.
 * "$user" is the service role, which the session's role need not be.
 */
export const initialPath = (catalog: Catalog): string => {
  const { searchPathSetting, user } = catalog;
  const path = schemaList(searchPathSetting);
  if (path === null || !path.includes('$user') || !catalog.schemaExists(user)) return searchPathSetting;
  return path.map((schema) => quoted(schema === '$user' ? user : schema)).join(', ');
};

/** What search_path may be, from the setting. */
export const pathsOf = (setting: string, { encoding }: Catalog): Names['paths'] => {
  const path = schemaList(setting);
  return encoding === 'UTF8' ? path && [path] : certainPaths(path && [path]);
};
