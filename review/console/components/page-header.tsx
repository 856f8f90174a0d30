import type { ComponentChildren } from 'preact';

interface PageHeaderProps {
  readonly title: ComponentChildren;
  /** Beside the title, in a smaller voice. */
  readonly note?: ComponentChildren;
  /** Filters and buttons. */
  readonly children?: ComponentChildren;
}

export function PageHeader({ title, note, children }: PageHeaderProps) {
  return (
    <header class="page-header">
      <div class="page-title">
        <h1>{title}</h1>
        {note !== undefined && <span class="note">{note}</span>}
      </div>
      <div class="page-tools">{children}</div>
    </header>
  );
}
