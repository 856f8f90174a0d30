/** Loaded before each test file: its process bears its name, and what is left open does not keep it from ending. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { registerCompletionHandler } from 'ava';

/** ms after the last test and hook. */
const PATIENCE = Number(process.env.ENDING_PATIENCE ?? 15_000);

const file = relative(process.cwd(), fileURLToPath(test.meta.file));
process.title = `ava ${file}`;

registerCompletionHandler(() => {
  const tell = (): void => {
    console.error(`  ⚠ ${file} was kept from ending by ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit();
  };
  setTimeout(tell, PATIENCE).unref();
});
