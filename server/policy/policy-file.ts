/** A policy from its file: checked as a whole, with every fault at its line and column. */
import { createHash } from 'node:crypto';
import type { Policy } from '../../access/policy/policy.ts';
import { ConfigDocument, ConfigError, faultsOf, readConfigText } from '../config-document.ts';
import { describeFault } from '../config-fields.ts';
import { policyForm, rulesOf } from './policy-form.ts';
import type { PolicyTest } from './policy-test-form.ts';

export interface PolicyFile {
  readonly policy: Policy;
  /** Example requests and what should become of them; with where each stands. */
  readonly tests: readonly (PolicyTest & { readonly line: number })[];
}

/** Throws ConfigError. */
export function loadPolicy(file: string): PolicyFile {
  return parsePolicy(file, readConfigText(file, 'name a policy file'));
}

/** Throws ConfigError. `file`: its name, for messages. */
export function parsePolicy(file: string, text: string): PolicyFile {
  const document = new ConfigDocument(text);
  if (document.faults.length > 0) throw new ConfigError(file, document.faults);
  const result = policyForm.safeParse(document.value, { error: describeFault });
  if (!result.success) throw new ConfigError(file, faultsOf(document, result.error.issues));
  const { data } = result;
  return {
    policy: {
      revision: createHash('sha256').update(text).digest('hex').slice(0, 12),
      rules: rulesOf(data),
      dataClasses: new Map(Object.entries(data.dataClasses)),
      emergencies: data.emergencies,
    },
    tests: data.tests.map((test, index) => ({ ...test, line: document.fault(['tests', index], '').line })),
  };
}
