import { Untrusted } from '../../components/untrusted.tsx';

/** Of teams, groups or databases. */
export function Names({
  names,
  none = 'none',
}: {
  readonly names: readonly string[];
  readonly none?: string;
}) {
  if (names.length === 0) return <span class="second">{none}</span>;
  return (
    <span class="patterns">
      {names.map((name) => (
        <span key={name} class="pattern">
          <Untrusted text={name} most={128} />
        </span>
      ))}
    </span>
  );
}
