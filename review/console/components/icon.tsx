/** Icons, drawn on 16 by 16 in strokes of the text's colour. They never stand for a word by themselves. */
const PATHS = {
  postern: 'M3 14V7a5 5 0 0 1 10 0v7M6 14V8a2 2 0 0 1 4 0v6M1.500 14h13',
  live: 'M1.500 8h3l2-5 3 10 2-5h3',
  sessions: 'M2 4h12M2 8h12M2 12h8',
  overview: 'M2 14V9M6 14V5M10 14V8M14 14V2',
  requests: 'M8 2v7M5 6l3 3 3-3M2 10v3h12v-3',
  flags: 'M3.500 14V2.500h8L9.500 5.500l2 3h-8',
  grants: 'M5.500 13.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.700 8.300 13.500 2.500M11 5l2 2',
  trail: 'M5 3.500h9M5 8h9M5 12.500h9M2 3.500h.01M2 8h.01M2 12.500h.01',
  accounts: 'M8 7.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.500 14.500a5.500 5.500 0 0 1 11 0',
  allow: 'm3 8.500 3.200 3.200L13 4.500',
  deny: 'M3.500 3.500l9 9M12.500 3.500l-9 9',
  hold: 'M5.500 3.500v9M10.500 3.500v9',
  observe:
    'M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8ZM8 9.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z',
  warning: 'M8 2 1.500 13.500h13ZM8 6.500V10M8 12h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2 4h12M2 8h12M2 12h12',
  keyboard: 'M1.500 4h13v8h-13ZM4 7h.01M6.700 7h.01M9.300 7h.01M12 7h.01M5 9.700h6',
  light:
    'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z',
  system: 'M2 3h12v8H2ZM6 14h4M8 11v3',
  leave: 'M6 2.500H2.500v11H6M7 8h7M11 5l3 3-3 3',
  play: 'M4.500 2.500v11l9-5.500Z',
  pause: 'M5 3v10M11 3v10',
  previous: 'M10.500 3.500 6 8l4.500 4.500',
  next: 'M5.500 3.500 10 8l-4.500 4.500',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM11 11l3.500 3.500',
  link: 'M6.500 9.500a2.500 2.500 0 0 0 3.500 0l3-3A2.500 2.500 0 0 0 9.500 3L8.500 4M9.500 6.500a2.500 2.500 0 0 0-3.500 0l-3 3A2.500 2.500 0 0 0 6.500 13l1-1',
  copy: 'M5.500 5.500h8v8h-8ZM10.500 5.500v-3h-8v8h3',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
