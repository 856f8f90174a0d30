/** Words of SQL as the search for secrets understands them; all in lower case. */
import { guardedFunctions } from '../data/guarded-functions.ts';

/** They begin another clause at their level. Some are names as well: not where a comma, dot or operator follows. */
const BOUNDARY = new Set(
  (
    'and or select from where set values using returning on group order having limit offset fetch union intersect ' +
    'except when then else join into window for with check valid do update delete insert merge begin declare execute ' +
    'perform if elsif loop while return raise call connection publication owner references'
  ).split(' '),
);
export const isBoundary = (word: string): boolean => BOUNDARY.has(word);

/** Behind these, what stands in a query no longer makes its value. */
const BEHIND_LIST = new Set('from where group order having limit offset window'.split(' '));
export const isBehindList = (word: string): boolean => BEHIND_LIST.has(word);

/** A statement may begin behind these. */
export const BEGINS = new Set('begin then else loop declare'.split(' '));

const NO_CALL = new Set(
  (
    'in any all some row as not exists over filter by is like ilike between default array distinct similar to ' +
    'primary key unique foreign enum'
  ).split(' '),
);
/** No function's name before a bracket. */
export const isNoCall = (word: string): boolean => NO_CALL.has(word) || BOUNDARY.has(word);

/** Brackets that hold one value after another, not names with their values. */
export const LISTS = new Set('in any all some array enum'.split(' '));

/** Functions all of whose arguments may be secrets: keys, and what they are for. */
const SECRET_CALL =
  /^(?:crypt|hmac|pgp_\w+|(?:en|de)crypt\w*|(?:old_|to_)?password|\w*credentials?|(?:\w*_)?(?:set|reset|change|update|check|verify|validate|hash|store|create|add)_(?:\w+_)?(?:password|passwd|secret|token|api_?key))$/;
export const isSecretCall = (name: string): boolean => SECRET_CALL.test(name);

/** An argument of theirs that says how. */
const METHOD =
  /^(?:sha-?\d*|md5|x?des|(?:bf|aes)[\w/:-]*|hex|base64|escape|utf-?8|(?:compress|cipher|s2k)-[\w, =-]*)$/i;
export const isMethod = (content: string): boolean => METHOD.test(content);

/** Columns of a table of settings: what they are called, and what they are. */
export const KEY_COLUMN =
  /^(?:\w*_)?(?:key|name|setting|parameter|param|option|variable|property|field|code|k)$/;
export const VALUE_COLUMN = /^(?:\w*_)?(?:value|val|v|content|data)$/;

/** Words that follow PASSWORD, or SET x TO, and give no value. */
const NO_VALUE =
  /^(?:null|default|true|false|on|off|current_\w+|encrypted|valid|in|login|nologin|superuser|createdb|createrole|inherit|replication|admin|bypassrls|user|role)$/;
export const isNoValue = (word: string): boolean => NO_VALUE.test(word);

/** Functions whose arguments are SQL to be run, or say which relations, files and large objects are read. */
const TELLING: ReadonlySet<string> = new Set(
  (['runs-sql', 'files', 'large-object', 'export'] as const).flatMap((group) =>
    Object.values(guardedFunctions[group]).flatMap((names) => names.trim().split(/\s+/)),
  ),
);
const TELLING_EXTENSION = /^(?:dblink(?!_connect)\w*|crosstab\w*|connectby|xpath_table|pg_file_\w+)$/;
export const isTellingCall = (name: string): boolean => TELLING.has(name) || TELLING_EXTENSION.test(name);
