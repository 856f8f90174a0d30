import type { Signal } from '@preact/signals';
import { Dialog } from '../components/dialog.tsx';
import { menuPages } from './menu-pages.ts';

const ELSEWHERE: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['/'], 'Filter the list'],
  [['↑', '↓'], 'Move in a list'],
  [['Enter'], 'Open what is selected'],
  [['j', 'k'], 'Flag after, flag before'],
  [['t', 'f'], 'Mark a flag as a true, a false alarm'],
  [['Space'], 'Play or pause a replay'],
  [['←', '→'], 'Statement before, statement after'],
  [['?'], 'This list'],
];

export function ShortcutSheet({ open }: { readonly open: Signal<boolean> }) {
  const pages = menuPages().map(({ title, menu }) => [['g', menu.key], title] as const);
  return (
    <Dialog
      title="Shortcuts"
      open={open.value}
      close={() => {
        open.value = false;
      }}
    >
      <dl class="shortcuts">
        {[...pages, ...ELSEWHERE].map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
