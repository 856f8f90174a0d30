/** What a command does to privileges, roles, guards, and to what the server can reach. */
import { as, type Fields, fieldsOf, listOf, wordsOf } from '../tree.ts';
import { measureBody } from './body-text.ts';
import type { CommandFeature } from './command-features.ts';
import { type FeatureTexts, feature, type Tally } from './feature.ts';
import {
  classesOf,
  GUARD_SETTINGS,
  PRIVILEGED_ROLES,
  REACHING_EXTENSIONS,
  UNTRUSTED_LANGUAGES,
} from './vocabulary.ts';

export const PRIVILEGE_FEATURES = {
  untrustedCode: feature('code of an untrusted language or library is brought in', 1),
  bodyPowers: feature('code within grants privileges or alters roles', 1),
  bodyReaches: feature('code within reaches programs, files or other hosts', 1),
  bodyDestroys: feature('code within drops or empties relations', 1),
  bodyBuilds: feature('code within puts statements together and runs them', 0),
  definer: feature('a function runs with its owner’s rights', 0),
  anonymousCode: feature('a DO block', 0),
  rules: feature('rules are made', 1),
  triggers: feature('triggers or policies are made', 0),
  switchesTriggersOff: feature('triggers or rules are switched off', 0),
  switchesGuardsOff: feature('row security or event triggers are switched off', 1),
  grants: feature('privileges are granted', 0),
  grantsToAll: feature('privileges are granted to everybody', 1),
  grantsAll: feature('all privileges are granted', 1),
  grantsRoles: feature('membership in a privileged role is granted', 1),
  makesRoles: feature('roles are made or altered', 0),
  makesSuperusers: feature('a role gets far-reaching attributes', 1),
  setsPasswords: feature('a role gets a password', 0),
  takesRoles: feature('the session becomes another, privileged role', 1),
  changesOwner: feature('an owner is changed', 0),
  reassignsAll: feature('all that a role owns gets another owner', 1),
  guardSettings: feature('settings of logging or privileges are changed', 1),
  systemSettings: feature('settings of the whole server are changed', 1),
  extensions: feature('extensions are installed', 0),
  reachingExtensions: feature('extensions are installed that reach programs, files or other hosts', 1),
  foreignServers: feature('foreign servers, user mappings or subscriptions are set up', 1),
  publishesAll: feature('all tables are published', 1),
  powers: feature('privileges, roles or guards are changed in ways that attackers need', 1),
  reaches: feature('programs, files, libraries or other hosts are reached', 1),
} satisfies FeatureTexts;

export type PrivilegeFeature = keyof typeof PRIVILEGE_FEATURES;
type Privileges = Tally<PrivilegeFeature>;

const FAR_REACHING = new Set(['superuser', 'createrole', 'isreplication', 'bypassrls']);
const REACHING: ReadonlySet<string> = new Set(['file', 'network', 'command', 'admin']);

/** A statement at any place, for example below EXPLAIN or WITH. */
export function measurePrivileges(tally: Privileges, kind: string, node: Fields): void {
  COMMANDS[kind]?.(tally, node);
}

/** What belongs together, so that one way of doing it teaches about the others. */
export function sumPrivileges(tally: Privileges & Tally<CommandFeature | 'secretColumns'>): void {
  tally.powers =
    tally.grantsRoles +
    tally.makesSuperusers +
    tally.switchesGuardsOff +
    tally.guardSettings +
    tally.takesRoles +
    tally.bodyPowers +
    tally.changesTrails +
    tally.changesCatalogs +
    tally.reassignsAll +
    tally.secretColumns +
    Math.min(tally.grantsAll, tally.grantsToAll);
  tally.reaches =
    tally.copyProgram +
    tally.copyFile +
    tally.untrustedCode +
    tally.reachingExtensions +
    tally.foreignServers +
    tally.bodyReaches;
}

const COMMANDS: Readonly<Record<string, (tally: Privileges, node: Fields) => void>> = {
  CreateFunctionStmt: (tally, node) => {
    for (const option of listOf(node.options)) {
      const { defname, arg } = fieldsOf(as(option, 'DefElem'));
      if (defname === 'language' && UNTRUSTED_LANGUAGES.has(textOf(arg))) tally.untrustedCode++;
      if (defname === 'security' && JSON.stringify(arg ?? '').includes('true')) tally.definer++;
      if (defname === 'as') measureBody(tally, listOf(as(arg, 'List')?.items).map(textOf).join('\n'));
    }
  },
  AlterFunctionStmt: (tally, node) => {
    for (const action of listOf(node.actions)) {
      const { defname, arg } = fieldsOf(as(action, 'DefElem'));
      if (defname === 'security' && JSON.stringify(arg ?? '').includes('true')) tally.definer++;
    }
  },
  CreatePLangStmt: (tally) => {
    tally.untrustedCode++;
  },
  LoadStmt: (tally) => {
    tally.untrustedCode++;
  },
  DoStmt: (tally, node) => {
    tally.anonymousCode++;
    for (const option of listOf(node.args)) {
      const { defname, arg } = fieldsOf(as(option, 'DefElem'));
      if (defname === 'language' && UNTRUSTED_LANGUAGES.has(textOf(arg))) tally.untrustedCode++;
      if (defname === 'as') measureBody(tally, textOf(arg));
    }
  },
  RuleStmt: (tally) => {
    tally.rules++;
  },
  CreateTrigStmt: (tally) => {
    tally.triggers++;
  },
  CreateEventTrigStmt: (tally) => {
    tally.triggers++;
  },
  CreatePolicyStmt: (tally) => {
    tally.triggers++;
  },
  AlterTableCmd: (tally, node) => {
    const what = String(node.subtype);
    if (/Disable(Trig|Rule)/.test(what)) tally.switchesTriggersOff++;
    if (/DisableRowSecurity|NoForceRow/.test(what)) tally.switchesGuardsOff++;
    if (what === 'AT_ChangeOwner') tally.changesOwner++;
  },
  AlterOwnerStmt: (tally) => {
    tally.changesOwner++;
  },
  ReassignOwnedStmt: (tally) => {
    tally.changesOwner++;
    tally.reassignsAll++;
  },
  GrantStmt: (tally, node) => measureGrant(tally, node),
  AlterDefaultPrivilegesStmt: (tally, node) => measureGrant(tally, fieldsOf(node.action)),
  GrantRoleStmt: (tally, node) => {
    if (node.is_grant !== true) return;
    const roles = listOf(node.granted_roles).map((role) => as(role, 'AccessPriv')?.priv_name);
    tally.grants++;
    if (roles.some(isPrivileged)) tally.grantsRoles++;
  },
  CreateRoleStmt: (tally, node) => measureRole(tally, node),
  AlterRoleStmt: (tally, node) => measureRole(tally, node),
  AlterRoleSetStmt: (tally, node) => {
    tally.makesRoles++;
    measureSetting(tally, fieldsOf(node.setstmt));
  },
  AlterDatabaseSetStmt: (tally, node) => measureSetting(tally, fieldsOf(node.setstmt)),
  AlterEventTrigStmt: (tally, node) => {
    if (node.tgenabled === 'D') tally.switchesGuardsOff++;
  },
  DropRoleStmt: (tally) => {
    tally.makesRoles++;
  },
  VariableSetStmt: (tally, node) => measureSetting(tally, node),
  AlterSystemStmt: (tally, node) => {
    tally.systemSettings++;
    measureSetting(tally, fieldsOf(node.setstmt));
  },
  CreateExtensionStmt: (tally, node) => {
    tally.extensions++;
    const name = String(node.extname ?? '').toLowerCase();
    if (UNTRUSTED_LANGUAGES.has(name)) tally.untrustedCode++;
    else if (REACHING_EXTENSIONS.has(name)) tally.reachingExtensions++;
  },
  CreateForeignServerStmt: (tally) => {
    tally.foreignServers++;
  },
  CreateUserMappingStmt: (tally) => {
    tally.foreignServers++;
  },
  ImportForeignSchemaStmt: (tally) => {
    tally.foreignServers++;
  },
  CreateSubscriptionStmt: (tally) => {
    tally.foreignServers++;
  },
  CreatePublicationStmt: (tally, node) => {
    if (node.for_all_tables === true) tally.publishesAll++;
  },
};

function measureRole(tally: Privileges, node: Fields): void {
  tally.makesRoles++;
  for (const option of listOf(node.options)) {
    const { defname, arg } = fieldsOf(as(option, 'DefElem'));
    const given = JSON.stringify(arg ?? '').includes('true');
    if (given && FAR_REACHING.has(String(defname))) tally.makesSuperusers++;
    if (defname === 'password' && arg !== undefined) tally.setsPasswords++;
    const roles = defname === 'addroleto' ? listOf(as(arg, 'List')?.items) : [];
    if (roles.some((role) => isPrivileged(as(role, 'RoleSpec')?.rolename))) tally.grantsRoles++;
  }
}

function measureGrant(tally: Privileges, { is_grant, privileges, grantees, objtype, objects }: Fields): void {
  if (is_grant !== true) return;
  tally.grants++;
  if (privileges === undefined) tally.grantsAll++;
  if (listOf(grantees).some((role) => as(role, 'RoleSpec')?.roletype === 'ROLESPEC_PUBLIC'))
    tally.grantsToAll++;
  if (objtype !== 'OBJECT_FUNCTION') return;
  for (const object of listOf(objects)) {
    const name = wordsOf(as(object, 'ObjectWithArgs')?.objname).at(-1) ?? '';
    if (classesOf(name).some((of) => REACHING.has(of))) tally.grantsRoles++;
  }
}

function measureSetting(tally: Privileges, { name, args, kind }: Fields): void {
  const setting = String(name ?? '').toLowerCase();
  if (GUARD_SETTINGS.test(setting)) tally.guardSettings++;
  if (setting !== 'role' && setting !== 'session_authorization') return;
  const value = fieldsOf(as(listOf(args)[0], 'A_Const')?.sval).sval;
  if (kind === 'VAR_SET_VALUE' && isPrivileged(value)) tally.takesRoles++;
}

const isPrivileged = (role: unknown): boolean => PRIVILEGED_ROLES.has(String(role).toLowerCase());

const textOf = (node: unknown): string =>
  (as(node, 'String') === null
    ? wordsOf([node]).join()
    : String(as(node, 'String')?.sval ?? '')
  ).toLowerCase();
