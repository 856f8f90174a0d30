/** Which names of columns, settings, options, arguments and members say that their value is a secret. */

/** Nothing to look into for a name without one of these. */
const SUSPECT = /pass|pw|secret|token|credential|key|identified|otp|cvv|cvc|jwt|bearer/i;

/** Words that a secret is called by; also at the end of a longer one (`rolpassword`, `authtoken`). */
const SECRET =
  /(?:password|passwd|passwort|passphrase|passcode|pwd|secret|token|apikey)$|^(?:passwords|pass|pw|secrets|credentials?|identified|[ht]?otp|cvv2?|cvc2?|jwt|bearer)$/;

/** A key is one only if it is of such a kind: `sort_key` and `foreign_key` are none. */
const KEYS =
  /^(?:api|access|private|secret|encrypt|encryption|decryption|signing|sign|master|auth|account|shared|session|ssh|ssl|tls|pgp|gpg|aes|hmac|license|service|client|role|anon|webhook|recovery|symmetric|storage|deploy)$/;

/** What may follow without making it something else: `password_hash` is one, `password_changed_at` and `token_count` are not. */
const QUALIFIES =
  /^(?:hash|hashed|digest|value|text|plain|plaintext|cleartext|encrypted|enc|crypted|salt|old|new|confirm|confirmation|repeat|md5|sha\d*|bcrypt|base64|b64|raw|string|str|key|access|pem|der|verifier|command|\d+)$/;

const WORDS = /[A-Z]+(?![a-z])|[A-Z]?[a-z\u0080-\uffff]+|\d+/g;
const RUN_TOGETHER = /^((?:old|new)?passw(?:or)?d)(hash|digest|salt|enc)$/;

/** `name` is one identifier, or the last part of a path of them. */
export function isSecretName(name: string): boolean {
  if (name.length > 100 || !SUSPECT.test(name)) return false;
  const words = name.match(WORDS)?.map((word) => word.toLowerCase()) ?? [];
  for (let at = words.length - 1; at >= 0; at--) {
    const word = words[at]!;
    if (isSecret(word, words[at - 1])) return true;
    if (!QUALIFIES.test(word)) return false;
  }
  return false;
}

const isSecret = (word: string, before: string | undefined): boolean =>
  SECRET.test(word) ||
  RUN_TOGETHER.test(word) ||
  (word === 'key' && before !== undefined && KEYS.test(before)) ||
  (word === 'word' && before === 'pass');

/** A name within a string: `'app.api_key'` of set_config, `'password'` of jsonb_build_object, `'{user,password}'` of a path. */
export function namesSecret(content: string): boolean {
  const path = /^[\s{$.["']*(?:[\w-]{1,60}[.,:/\s]{1,2}){0,5}([\w-]{1,100})["'\]\s}]*$/.exec(content);
  return path !== null && !/\w\s+\w/.test(content) && isSecretName(path[1]!);
}
