interface ShareBarProps {
  /** From 0 to 1. */
  readonly share: number;
  readonly tone?: 'accent' | 'warning' | 'bad';
}

/** A number beside it says the same. */
export function ShareBar({ share, tone = 'accent' }: ShareBarProps) {
  return (
    <svg class="share-bar" data-tone={tone} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="share-ground" width="100" height="6" />
      <rect class="share-value" width={Math.max(0, Math.min(1, share)) * 100} height="6" />
    </svg>
  );
}
