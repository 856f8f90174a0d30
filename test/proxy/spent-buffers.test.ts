import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { SpentBuffers } from '../../proxy/spent-buffers.ts';

const large = () => Buffer.alloc(64 * 1024, 'x');

test('memory goes back once the socket needs none of it, and not before', (t) => {
  let taken = (): void => {};
  const slow = new Writable({ write: (_chunk, _encoding, done) => (taken = done) });
  const spent = new SpentBuffers();
  const buffer = large();
  slow.write(buffer.subarray(100));
  spent.add(buffer);
  spent.written(slow);
  t.is(buffer.length, 64 * 1024);
  taken();
  spent.drained(slow);
  t.is(buffer.length, 0);
});

test('what is queued only is not given back when the socket has taken what was written before', (t) => {
  const spent = new SpentBuffers();
  const socket = new Writable({ write: (_chunk, _encoding, done) => done() });
  const queued = large();
  spent.add(queued);
  spent.drained(socket);
  t.is(queued.length, 64 * 1024);
  socket.write(queued);
  spent.written(socket);
  t.is(queued.length, 0);
});

test('what shares its memory with others, or is small, is left alone', (t) => {
  const spent = new SpentBuffers();
  const whole = large();
  const part = whole.subarray(0, 32 * 1024);
  const small = Buffer.alloc(100, 'y');
  const forgotten = large();
  spent.add(forgotten);
  spent.forget();
  for (const buffer of [part, small]) spent.add(buffer);
  spent.written(new PassThrough());
  t.deepEqual(
    [whole, part, small, forgotten].map(({ length }) => length),
    [64 * 1024, 32 * 1024, 100, 64 * 1024],
  );
});
