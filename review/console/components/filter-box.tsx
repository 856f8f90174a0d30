import { Icon } from './icon.tsx';

interface FilterBoxProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

export function FilterBox({ label, value, change }: FilterBoxProps) {
  return (
    <label class="filter-box">
      <span class="visually-hidden">{label}</span>
      <Icon name="search" />
      <input
        type="search"
        placeholder={label}
        value={value}
        spellcheck={false}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
