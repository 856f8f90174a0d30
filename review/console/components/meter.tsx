interface MeterProps {
  readonly label: string;
  readonly value: number;
  /** null: there is no bound. */
  readonly most: number | null;
  readonly show: (value: number) => string;
}

/** From here on it looks worth a thought, and from here on short. */
const MUCH = 0.75;
const NEARLY_ALL = 0.95;

/** What is used of what there is, as numbers and a bar. */
export function Meter({ label, value, most, show }: MeterProps) {
  const share = most === null || most === 0 ? 0 : Math.min(value / most, 1);
  const level = share >= NEARLY_ALL ? 'high' : share >= MUCH ? 'middle' : 'low';
  return (
    <div
      class="meter"
      title={`${label}: ${show(value)}${most === null ? ', without a limit' : ` of ${show(most)}`}`}
    >
      <span class="meter-label">{label}</span>
      <span class="number">
        {show(value)}
        {most !== null && <span class="of"> / {show(most)}</span>}
      </span>
      <svg
        class="meter-bar"
        data-level={level}
        viewBox="0 0 100 3"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <rect class="meter-ground" width="100" height="3" />
        {most !== null && <rect class="meter-value" width={share * 100} height="3" />}
      </svg>
    </div>
  );
}
