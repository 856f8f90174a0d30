import { tmpdir } from 'node:os';
import { reporting } from './scripts/stuck.mjs';

/** Those that take longest come first, so that the processes come to their end together. */
const LONGEST = [
  'corpus/corpus',
  'browser/',
  'corpus/second-wall',
  'proxy/kill',
  'cli/risk',
  'clients/clients',
  'traces/',
  'server/roles/',
];

const rank = (file) => {
  const index = LONGEST.findIndex((part) => file.includes(`/test/${part}`));
  return index < 0 ? LONGEST.length : index;
};

export default {
  extensions: { ts: 'module' },
  files: ['test/**/*.test.ts'],
  require: ['./test/helpers/seed.ts', './test/helpers/ending.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other) || one.localeCompare(other),
  workerThreads: false,
  nodeArguments: reporting(tmpdir()),
  timeout: '5m',
  concurrency: 4,
};
