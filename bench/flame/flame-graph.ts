import { at, escaped, svg, text } from '../plots/svg.ts';
import { isKernel, type Layer, layerOf, nameOf } from './layers.ts';
import type { Frame, Stack } from './perf-stacks.ts';

/** Samples of one function as it was called from the one around it. */
export interface Call {
  readonly name: string;
  readonly layer: Layer;
  readonly samples: number;
  readonly calls: readonly Call[];
}

const [WIDTH, ROW, MARGIN, HEAD] = [1200, 17, 10, 54];
/** px; narrower ones are left out, and names need more. */
const [NARROW, NAMED, LETTER] = [0.6, 28, 6.3];

/** Frames of the way into JavaScript and of system calls that say nothing: left out where they call something. */
const GLUE =
  /^(Builtins_|v8::|node::(?!LibuvStreamWrap|StreamBase)|non-virtual|void v8|__libc_start|_start|entry_SYSCALL|do_syscall|x64_sys|__x64_sys|__GI_|__libc_|\[unknown\]|JS:[~^*+']*\s*processTicks)/;
/** Of the kernel these tell the story. */
const TOLD =
  /^(ksys_|__sys_|do_writev|vfs_|tcp_sendmsg$|tcp_recvmsg$|tcp_write_xmit|tcp_v4_rcv|ip_queue_xmit|net_rx_action|sock_def_readable|ep_poll_callback|try_to_wake_up|do_epoll_wait|ep_poll$|schedule$|ext4_file_write_iter|exit_to_user_mode_loop)/;

const COLOURS: readonly (readonly [RegExp, string, string])[] = [
  [/^kernel/, '#c9d1d9', '#484f58'],
  [/^libuv|^Node\.js/, '#a9dcb5', '#23603a'],
  [/^V8/, '#f3dc94', '#6b5313'],
  [/^other/, '#d9c8f5', '#4b3a73'],
  [/./, '#ffb38a', '#9c3d0c'],
];
const KINDS = ['kernel', 'libuv, Node.js', 'V8', 'other', 'Postern'];

/** The tree of calls of all stacks. */
export function callsOf(stacks: readonly Stack[]): Call {
  return call(
    { symbol: 'all', object: '' },
    stacks.map((stack) => told(stack)),
  );
}

/** The outermost call at the bottom; as wide as it has samples. */
export function flameGraph(title: string, root: Call): string {
  const scale = (WIDTH - 2 * MARGIN) / root.samples;
  const height = depth(root, NARROW / scale);
  const bottom = HEAD + height * ROW;
  const parts: string[] = [text(MARGIN, 22, title, 'class="title"'), ...legend()];
  draw(root, 0, 0);
  return svg(WIDTH, bottom + MARGIN, style(), parts);

  function draw(each: Call, first: number, level: number): void {
    const width = each.samples * scale;
    if (width < NARROW) return;
    const [x, y] = [MARGIN + first * scale, bottom - (level + 1) * ROW];
    const share = `${((each.samples / root.samples) * 100).toFixed(1)} %`;
    parts.push(
      `<rect x="${at(x)}" y="${y}" width="${at(Math.max(width - 0.4, 0.3))}" height="${ROW - 1}" class="k${kindOf(each.layer)}"><title>${escaped(`${each.name}: ${share}`)}</title></rect>`,
    );
    if (width > NAMED) parts.push(text(x + 3, y + 12, cut(each.name, width - 6)));
    let start = first;
    for (const inner of each.calls) {
      draw(inner, start, level + 1);
      start += inner.samples;
    }
  }
}

function call(frame: Frame, stacks: readonly Stack[]): Call {
  const inner = Map.groupBy(
    stacks.filter((stack) => stack.length > 0),
    (stack) => nameOf(stack[0] as Frame),
  );
  const calls = [...inner.values()]
    .map((group) =>
      call(
        group[0]?.[0] as Frame,
        group.map((stack) => stack.slice(1)),
      ),
    )
    .sort((one, other) => other.samples - one.samples);
  return { name: nameOf(frame), layer: layerOf([frame]), samples: stacks.length, calls };
}

function told(stack: Stack): Stack {
  return stack.filter(
    (frame, n) =>
      n === stack.length - 1 || (isKernel(frame) ? TOLD.test(frame.symbol) : !GLUE.test(frame.symbol)),
  );
}

/** Levels that are drawn. */
function depth({ samples, calls }: Call, least: number): number {
  return samples < least ? 0 : 1 + Math.max(0, ...calls.map((each) => depth(each, least)));
}

const kindOf = (layer: Layer): number => COLOURS.findIndex(([pattern]) => pattern.test(layer));

function cut(name: string, width: number): string {
  const letters = Math.floor(width / LETTER);
  return name.length <= letters ? name : `${name.slice(0, Math.max(letters - 1, 1))}…`;
}

function legend(): readonly string[] {
  return KINDS.flatMap((kind, n) => [
    `<rect x="${MARGIN + n * 130}" y="34" width="12" height="12" rx="2" class="k${n}"/>`,
    text(MARGIN + n * 130 + 18, 44, kind),
  ]);
}

function style(): string {
  const fills = (side: 1 | 2) => COLOURS.map((colour, n) => `.k${n}{fill:${colour[side]}}`).join('');
  return `svg{--ink:#1f2328;--paper:#ffffff}${fills(1)}
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--paper:#0d1117}${fills(2)}}
text{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}.title{font-size:15px;font-weight:600}`;
}
