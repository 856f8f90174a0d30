/** Roles, teams and groups, as somebody fills them in. */
import type { Role } from '../../api/answers.ts';

/** What each may, in a line. */
const ROLES: Readonly<Record<Role, string>> = {
  requester: 'asks for access, and sees what is theirs',
  reviewer: 'decides on requests and held statements, ends grants and sessions',
  auditor: 'sees everything, changes nothing',
  admin: 'keeps accounts and tokens, ends grants and sessions, decides on nothing',
};

interface MembershipFieldsProps {
  readonly roles: readonly string[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  /** Roles that may not be given here. */
  readonly without?: readonly Role[];
}

export function MembershipFields({ roles, teams, groups, without = [] }: MembershipFieldsProps) {
  const offered = (Object.keys(ROLES) as Role[]).filter((role) => !without.includes(role));
  return (
    <>
      <fieldset class="roles">
        <legend>Roles; none includes another</legend>
        {offered.map((role) => (
          <label key={role} class="check">
            <input type="checkbox" name="role" value={role} defaultChecked={roles.includes(role)} />
            <span>
              <strong>{role}</strong> <span class="second">{ROLES[role]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="field-row">
        <label>
          Teams, one a line
          <textarea name="teams" rows={2} spellcheck={false} defaultValue={teams.join('\n')} />
        </label>
        <label>
          Groups of the policy, one a line
          <textarea name="groups" rows={2} spellcheck={false} defaultValue={groups.join('\n')} />
        </label>
      </div>
    </>
  );
}

/** Names may hold commas, but no line breaks. */
export const linesIn = (form: FormData, name: string): readonly string[] => [
  ...new Set(
    String(form.get(name) ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

export const membershipIn = (form: FormData) => ({
  roles: form.getAll('role').map(String),
  teams: linesIn(form, 'teams'),
  groups: linesIn(form, 'groups'),
});
