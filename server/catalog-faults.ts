import type { ErrorFields } from '../guardrails/types.ts';

/** What every statement is refused with when nothing is known of what names mean. */
export const CATALOG_OUT_OF_REACH: ErrorFields = {
  sqlstate: '58000',
  message: 'the catalog of the database is out of reach, so no statement is decided',
  detail:
    'What names mean is decided by a copy of the catalog, which could not be compared with the database for too long.',
  hint: 'Try again; the log of postern tells the operator why.',
};

/**
 * Errors of the upstream on statements that we understood: an object is not there, or is another, or is there already.
 * undefined_table, _column, _function, _object, invalid_schema_name, wrong_object_type, duplicate_table, _object,
 * _column, _function, _schema.
 */
export const CATALOG_IS_OLD: ReadonlySet<string> = new Set([
  ...['42P01', '42703', '42883', '42704', '3F000', '42809'],
  ...['42P07', '42710', '42701', '42723', '42P06'],
]);
