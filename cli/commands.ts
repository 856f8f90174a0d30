import type { Command } from 'commander';

/** What each file of a sub-command exports. */
export interface CommandModule {
  command(): Command;
}

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** The sub-commands. Each is loaded only when it is called, so that none pays for another's libraries. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  demo: {
    summary: 'try it: a sample shop behind Postern, all in private servers',
    load: () => import('./demo.ts'),
  },
  serve: { summary: 'run the proxy', load: () => import('./serve.ts') },
  grant: { summary: 'create, list, show and revoke grants', load: () => import('./grant.ts') },
  request: {
    summary: 'ask for access; granted by the policy, or after review',
    load: () => import('./request.ts'),
  },
  requests: { summary: 'requests for access, and what became of them', load: () => import('./requests.ts') },
  approve: { summary: 'approve a request', load: () => import('./approve.ts') },
  review: {
    summary: 'say of an emergency, afterwards, whether it was one',
    load: () => import('./review.ts'),
  },
  deny: { summary: 'deny a request', load: () => import('./deny.ts') },
  session: { summary: 'list, show, replay and end sessions', load: () => import('./session.ts') },
  account: {
    summary: 'people who use the HTTP API with a password, and their roles',
    load: () => import('./account.ts'),
  },
  token: { summary: 'API tokens of services and agents', load: () => import('./token.ts') },
  psql: { summary: 'open psql under a grant', load: () => import('./psql.ts') },
  explain: {
    summary: 'what the guardrails decide on a statement, and why',
    load: () => import('./explain.ts'),
  },
  policy: {
    summary: 'check a policy file, and show what it gives to whom',
    load: () => import('./policy.ts'),
  },
  doctor: {
    summary: 'check databases, service roles, Redis, the spool and clocks',
    load: () => import('./doctor.ts'),
  },
  risk: {
    summary: 'score statements and sessions, train and measure the risk model',
    load: () => import('./risk.ts'),
  },
  triage: {
    summary: 'what an access request in plain words needs, and its risk',
    load: () => import('./triage.ts'),
  },
  audit: { summary: 'follow, verify and export the audit trail', load: () => import('./audit.ts') },
};
