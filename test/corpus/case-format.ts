/**
 * The form of the corpus: one YAML file a class, checked as a whole. docs/corpus.md describes it for those who write
 * cases. In every text `$DB` stands for the database's name, `$TMP` for the start of a server-side file name that is the
 * run's own, `$HOST`, `$PORT`, `$PASSWORD` for the upstream's.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const text = z.string().min(1);
const value = z.union([z.string(), z.null()]);
/** `client` when absent; `bystander`: another person's, as the superuser and never through the proxy. */
const session = { session: text.optional() };

const extended = z.strictObject({
  ...session,
  extended: text,
  /** Parameters, as text. */
  values: z.array(value).optional(),
  /** Type OIDs of Parse. */
  types: z.array(z.int()).optional(),
  /** Format of the results. */
  binary: z.boolean().optional(),
});

const step = z.union([
  text.transform((query) => ({ query, session: undefined })),
  z.strictObject({ ...session, query: text }),
  extended,
  /** Parse, Bind, Describe, Execute for each, then one Sync. */
  z.strictObject({ ...session, pipeline: z.array(z.union([text, extended])).min(1) }),
  /** COPY ... FROM STDIN and its data. */
  z.strictObject({ ...session, copy: text, data: z.string() }),
  /** Frontend messages, one a line, as in test/traces. */
  z.strictObject({ ...session, messages: text }),
]);
const steps = z.union([step.transform((only) => [only]), z.array(step).min(1)]);

const grant = z.union([
  z.array(text).transform((allow) => ({ allow, deny: [], limits: {} })),
  z.strictObject({
    /** As `--allow` and `--deny`: `select,update:public.*`. */
    allow: z.array(text),
    deny: z.array(text).default([]),
    limits: z.record(z.string(), z.int().positive()).default({}),
  }),
]);

const common = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** One sentence. */
  why: text,
  grant: grant.optional(),
  /** Run by the superuser in the database before anything else. */
  setup: text.optional(),
  /** Major versions of PostgreSQL that the case is for. */
  since: z.int().optional(),
  until: z.int().optional(),
  /** How plain texts are sent; default: simple. */
  protocol: z.enum(['simple', 'extended']).optional(),
  /** Parameters of the startup packet. */
  startup: z.record(z.string(), z.string()).optional(),
};

const twin = z.union([
  steps.transform((list) => ({ steps: list })),
  z.strictObject({ steps, grant: grant.optional(), shows: text.optional() }),
]);

const attack = z.strictObject({
  ...common,
  attack: steps,
  /** What the client sees if it works, a regular expression; default: TOPSECRET, if there is no `changes`. */
  shows: text.optional(),
  /** A probe of the superuser's that answers otherwise after the attack has worked, asked while its sessions are open. */
  changes: text.optional(),
  /** SQLSTATE of the refusal; default: 42501, and by the grant. `none`: the attack comes to nothing without an error. */
  denied: z.string().optional(),
  /** Steps that the grant allows change the database before another is refused. */
  writes: z.boolean().optional(),
  /** Run by the superuser after each run, for what does not end with the database: roles, slots. */
  cleanup: text.optional(),
  /** What works under the same grant, or another one. */
  twin: twin.optional(),
  /** A grant under which the attack itself is allowed, and has its effect. */
  covered: grant.optional(),
});

const benign = z.strictObject({
  ...common,
  steps,
  cleanup: text.optional(),
  /** PostgreSQL lets only owners and superusers do it, so that a role of the grant's own is refused by the server. */
  owners: z.boolean().optional(),
});

const file = <C extends z.ZodType>(each: C) =>
  z.strictObject({
    class: text,
    why: text,
    /** Of every case that has none of its own. */
    grant: grant.optional(),
    /** Run once by the superuser, on top of the schema. */
    setup: text.optional(),
    cases: z.array(each).min(1),
  });

const attackFile = file(attack);
const benignFile = file(benign);

export type Step = z.output<typeof step>;
export type GrantLines = z.output<typeof grant>;
export type Attack = z.output<typeof attack>;
export type Benign = z.output<typeof benign>;
export type AttackClass = z.output<typeof attackFile>;
export type BenignClass = z.output<typeof benignFile>;

/** Throws with the file's name and all faults. */
export function attackClasses(folder: string): readonly AttackClass[] {
  return read(folder, attackFile);
}

export function benignClasses(folder: string): readonly BenignClass[] {
  return read(folder, benignFile);
}

function read<F extends z.ZodType<{ readonly cases: readonly { readonly id: string }[] }>>(
  folder: string,
  form: F,
): readonly z.output<F>[] {
  return globSync('*.yaml', { cwd: folder })
    .sort()
    .map((name) => {
      const parsed = form.safeParse(parse(readFileSync(join(folder, name), 'utf8')));
      if (!parsed.success) throw new Error(`${basename(name)}:\n${z.prettifyError(parsed.error)}`);
      const ids = parsed.data.cases.map(({ id }) => id);
      const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
      if (twice.length > 0) throw new Error(`${basename(name)}: not unique: ${twice.join(', ')}`);
      return parsed.data;
    });
}
