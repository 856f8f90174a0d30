/** Colours of what is compared, the same in every plot; light and dark as the reader has it. */

const NAMED: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  direct: ['#6e7781', '#9aa5b1'],
  pgbouncer: ['#2f6feb', '#6ea8ff'],
  pgpool: ['#8250df', '#c297ff'],
  pipe: ['#2da44e', '#56d364'],
  'postern-off': ['#f0a868', '#ffd0a1'],
  postern: ['#d9480f', '#ff8a50'],
  'postern-model': ['#8b1e0b', '#ff5c4d'],
};
/** For series that are no targets. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['#d9480f', '#ff8a50'],
  ['#2f6feb', '#6ea8ff'],
  ['#2da44e', '#56d364'],
  ['#8250df', '#c297ff'],
  ['#bf8700', '#e3b341'],
];

export interface Colours {
  /** A fill or a stroke. */
  of(series: string): string;
  /** For the SVG's own <style>. */
  readonly style: string;
}

export function coloursOf(series: readonly string[]): Colours {
  const strangers = series.filter((name) => !(name in NAMED));
  const pairs = series.map(
    (name) => NAMED[name] ?? (OTHERS[strangers.indexOf(name) % OTHERS.length] as readonly [string, string]),
  );
  const variables = (side: 0 | 1) => pairs.map((pair, at) => `--s${at}:${pair[side]}`).join(';');
  return {
    of: (name) => `var(--s${series.indexOf(name)})`,
    style: `svg{--ink:#1f2328;--muted:#59636e;--rule:#d8dee4;--paper:#ffffff;${variables(0)}}
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--muted:#9198a1;--rule:#30363d;--paper:#0d1117;${variables(1)}}}
text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}
.title{font-size:15px;font-weight:600}.group{font-weight:600}.small{font-size:11px;fill:var(--muted)}
.rule{stroke:var(--rule);stroke-width:1}.line{fill:none;stroke-width:2;stroke-linejoin:round}
.error{stroke:var(--ink);stroke-width:1;opacity:.55}`,
  };
}
