/** A request for access as triage sees it. The text is data: nothing in it is ever followed. */

/** Words of the training data; `ddl` stands for create, alter and drop. */
export const ACTIONS = [
  'select',
  'insert',
  'update',
  'delete',
  'truncate',
  'ddl',
  'export',
  'execute',
  'admin',
] as const;
export type RequestAction = (typeof ACTIONS)[number];

export const INTENTS = [
  'report_analytics',
  'diagnose_performance',
  'diagnose_bug',
  'incident_response',
  'support_lookup',
  'data_fix',
  'cleanup_delete',
  'export_data',
  'schema_change',
  'maintenance',
  'backup_restore',
  'access_admin',
  'audit_compliance',
  'security_investigation',
  'exploration',
  'backfill',
  'testing',
  'gdpr_erasure',
  'gdpr_export',
  'ml_training',
  'curiosity',
  'social_engineering',
  'prompt_injection',
  'unknown',
] as const;
export type Intent = (typeof INTENTS)[number];

export const RISKS = ['low', 'medium', 'high'] as const;
export type RiskLevel = (typeof RISKS)[number];

/** From the most lenient to the strictest. */
export const DECISIONS = ['auto_approve', 'needs_review', 'deny'] as const;
export type TriageDecision = (typeof DECISIONS)[number];

export interface TriageRequest {
  readonly text: string;
  readonly requester: { readonly role: string };
  readonly requested: {
    readonly actions: readonly string[];
    /** Names as people write them; `*`: everything. */
    readonly tables: readonly string[];
    readonly ttlMinutes: number;
  };
  /** Relations of the database as `schema.relation`, where they are known. */
  readonly catalog?: readonly string[];
}

export interface TriageResult {
  /** The likeliest first. */
  readonly intents: readonly Intent[];
  readonly actions: readonly RequestAction[];
  /** The fewest relations that do; none: the text does not tell. */
  readonly scope: readonly string[];
  /** Never longer than what is asked. */
  readonly ttlMinutes: number;
  readonly risk: RiskLevel;
  /** 0 to 1. */
  readonly riskScore: number;
  /** 0 to 1: of the decision. */
  readonly confidence: number;
  /** The text addresses whoever decides, names an outcome, or hides something. */
  readonly suspicious: boolean;
  /** As above; or some of the text is not understood, leans on something that is no reason, or wants what is refused. */
  readonly doubtful: boolean;
  readonly decision: TriageDecision;
  readonly reasons: readonly string[];
}
