import test from 'ava';
import { AddedTime } from '../../proxy/added-time.ts';

function measuring() {
  const measured: number[] = [];
  const time = new AddedTime((ms) => measured.push(ms));
  const exchange = (): void => {
    time.arrived();
    time.sent();
    time.answered();
    time.passed();
  };
  return { measured, time, exchange };
}

test('the first exchanges of a session are all measured, then one in 64', (t) => {
  const { measured, exchange } = measuring();
  for (let i = 0; i < 16; i++) exchange();
  t.is(measured.length, 16);
  for (let i = 0; i < 640; i++) exchange();
  t.is(measured.length, 26);
  t.true(measured.every((ms) => ms >= 0));
});

test('a message in pieces and an answer in many chunks are one exchange', (t) => {
  const { measured, time } = measuring();
  time.arrived();
  time.arrived();
  time.sent();
  for (let i = 0; i < 3; i++) {
    time.answered();
    time.passed();
  }
  t.is(measured.length, 1);
});

test('what waits for a reviewer, or for answers to what came before, is not measured', (t) => {
  const { measured, time } = measuring();
  time.arrived();
  time.forget();
  time.sent();
  time.answered();
  time.passed();
  time.arrived();
  time.answered();
  time.passed();
  time.sent();
  time.answered();
  time.passed();
  t.deepEqual(measured, []);
});
