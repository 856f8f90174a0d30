/** Settings: by SET, set_config, or the startup packet. */
import { NO_ADVICE } from '../advice.ts';
import { denial, refusal } from '../explain-denial.ts';
import type { CompiledScope } from '../scope.ts';
import { isPinnedValue, settingClass } from '../settings.ts';
import type { ErrorFields, Reason } from '../types.ts';
import type { Judge } from './judge.ts';

const PINNED = 'it changes how statements are read or who runs them, so it stays as it is';
const SERVER = 'the setting reaches beyond the session, or is not known';

type SettingVerdict = 'free' | 'pinned' | 'admin';

const verdictOn = (name: string, value: string | null): SettingVerdict => {
  const kind = settingClass(name);
  switch (kind) {
    case 'pinned':
      return value !== null && isPinnedValue(name, value) ? 'free' : 'pinned';
    case 'names':
    case 'session':
      return 'free';
    case 'server':
      return 'admin';
    default:
      return kind satisfies never;
  }
};

/** `value`: null where it is not one constant; `undefined` for RESET. */
export function judgeSetting(judge: Judge, name: string, value: string | null | undefined): void {
  if (value === undefined && settingClass(name) === 'pinned') return;
  const verdict = verdictOn(name, value ?? null);
  if (verdict === 'pinned') judge.refuse(`setting ${name}`, PINNED);
  if (verdict === 'admin') judge.plain('admin', `setting ${name}`, SERVER);
}

/** A setting that may not be in the startup packet. `pinned`: under no grant. */
export interface SettingDenial {
  readonly pinned: boolean;
  readonly error: ErrorFields;
}

/** Of a setting in the startup packet; null if it may pass. */
export function settingDenial(
  scope: CompiledScope,
  name: string,
  value: string,
  advice = NO_ADVICE,
): SettingDenial | null {
  const resource = `setting ${name.toLowerCase()}`;
  const verdict = verdictOn(name, value);
  if (verdict === 'pinned') return { pinned: true, error: refusal([{ what: resource, why: PINNED }]) };
  if (verdict !== 'admin' || scope.coversPlain('admin', resource)) return null;
  const missing: readonly Reason[] = [{ action: 'admin', resource, allowed: false, why: SERVER }];
  const needed = { lines: missing, missing };
  return { pinned: false, error: denial(missing, needed, 'deny', advice.about(missing)) };
}
