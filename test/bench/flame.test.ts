import { join } from 'node:path';
import test from 'ava';
import { callsOf, flameGraph } from '../../bench/flame/flame-graph.ts';
import { callerOf, layerOf } from '../../bench/flame/layers.ts';
import { stacksOf } from '../../bench/flame/perf-stacks.ts';

const ROOT = join(import.meta.dirname, '../..');
const KERNEL = '([kernel.kallsyms])';
const write = `	    7fe9d7466a00 JS:*'flush file://${ROOT}/proxy/outbox.ts:24:8+0x11c (/tmp/perf-1.map)
	         161 uv_run+0x137 (/opt/node)
`;

/** As perf prints them: the innermost first. */
const SCRIPT = `
	ffffffff813a4413 try_to_wake_up+0x93 ${KERNEL}
	ffffffff821faa94 tcp_sendmsg+0x3d4 ${KERNEL}
${write}
	ffffffff821faa94 tcp_sendmsg+0x3d4 ${KERNEL}
${write}
	    7fe9d7466a00 JS:*'get full file://${ROOT}/guardrails/decide.ts:10:1+0x0 (/tmp/perf-1.map)
	         161 uv_run+0x137 (/opt/node)

	         161 v8::internal::(anonymous namespace)::Invoke(int, (x)1)+0x37 (/opt/node)
	         161 uv_run+0x137 (/opt/node)
`;

test('samples are counted to what ran, and to whose code it ran for', (t) => {
  const stacks = stacksOf(SCRIPT);
  t.deepEqual(stacks.map(layerOf), [
    ...(['kernel: waking who waits for it', 'kernel: sending to sockets'] as const),
    ...(['guardrails', 'V8: built-ins, calls, objects'] as const),
  ]);
  const alone = 'Node.js and the kernel by themselves';
  t.deepEqual(stacks.map(callerOf), ['proxy', 'proxy', 'guardrails', alone]);
});

test('a flame graph has each function once where it was called from, as wide as its samples', (t) => {
  const root = callsOf(stacksOf(SCRIPT));
  t.is(root.samples, 4);
  const [run] = root.calls;
  t.is(run?.name, 'uv_run');
  t.deepEqual(
    run?.calls.map(({ name, samples }) => [name, samples]),
    [
      ['flush (proxy/outbox.ts)', 2],
      ['get full (guardrails/decide.ts)', 1],
      ['v8::internal::(anonymous namespace)::Invoke', 1],
    ],
  );
  const svg = flameGraph('a worker', root);
  t.true(svg.includes('<title>flush (proxy/outbox.ts): 50.0 %</title>'));
  t.false(svg.includes(ROOT), 'no paths of this machine');
});
