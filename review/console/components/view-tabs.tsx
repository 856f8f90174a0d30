/** Views of one page: links, so that each has an address. */
export interface View {
  readonly name: string;
  readonly href: string;
  readonly count?: number;
}

interface ViewTabsProps {
  readonly label: string;
  readonly views: readonly View[];
  /** Name of the one that is shown. */
  readonly shown: string;
}

export function ViewTabs({ label, views, shown }: ViewTabsProps) {
  return (
    <nav class="view-tabs" aria-label={label}>
      {views.map(({ name, href, count }) => (
        <a key={name} href={href} aria-current={name === shown ? 'true' : undefined}>
          {name}
          {count !== undefined && <span class="number"> {count}</span>}
        </a>
      ))}
    </nav>
  );
}
