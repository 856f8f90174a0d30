import type { ComponentChildren } from 'preact';

interface EmptyStateProps {
  readonly title: string;
  /** What would be here, and what makes it. */
  readonly children?: ComponentChildren;
  /** A line to paste into a terminal. */
  readonly command?: string;
}

export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && (
        <pre class="command" tabIndex={0}>
          {command}
        </pre>
      )}
    </div>
  );
}
