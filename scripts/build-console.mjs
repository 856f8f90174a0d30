/**
 * The console (review/console/) into dist/console/, unless that was built of the same sources.
 *
 *   index.html    the page, with the names of the files
 *   assets/       scripts and styles by the hash of their content, each also as .br and .gz
 *   sources       the hash of what all of it was built of
 *
 * Runs on the host's own Node.js (20.19 or newer), hence plain JavaScript.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from './setup/run.mjs';

const SOURCES = join(root, 'review/console');
const BUILT = join(root, 'dist/console');
/** What the page names, by the placeholder that stands for it. */
const ENTRIES = {
  main: join(SOURCES, 'main.tsx'),
  style: join(SOURCES, 'styles/main.css'),
  theme: join(SOURCES, 'theme-early.ts'),
};
const ICON = join(SOURCES, 'icon.svg');
const COMPRESSED = /\.(js|css|svg)$/;

/** Says nothing where all goes well. Throws where it doesn't; what was there before then stays. */
export async function buildConsole() {
  const hash = hashOfSources();
  if (isBuiltOf(hash)) return;
  const assets = await bundle();
  const fresh = `${BUILT}.${process.pid}`;
  mkdirSync(join(fresh, 'assets'), { recursive: true });
  for (const { name, content } of assets) writeAsset(join(fresh, 'assets', name), content);
  writeFileSync(join(fresh, 'index.html'), page(assets));
  writeFileSync(join(fresh, 'sources'), hash);
  replaceBy(fresh, hash);
}

const isBuiltOf = (hash) =>
  existsSync(join(BUILT, 'sources')) && readFileSync(join(BUILT, 'sources'), 'utf8') === hash;

/** Others may build at the same time: whoever is first has built the same. */
function replaceBy(fresh, hash) {
  const old = `${fresh}.old`;
  if (existsSync(BUILT)) attempt(() => renameSync(BUILT, old));
  const fault = attempt(() => renameSync(fresh, BUILT));
  for (const left of [fresh, old]) rmSync(left, { recursive: true, force: true });
  if (fault !== null && !isBuiltOf(hash)) throw fault;
}

function attempt(act) {
  try {
    act();
    return null;
  } catch (fault) {
    return fault;
  }
}

function hashOfSources() {
  const hash = createHash('sha256');
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const lock = join(root, 'package-lock.json');
  for (const file of [...files.sort(), import.meta.filename, lock])
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

/** The files of the console, with the placeholder of those that the page names. */
async function bundle() {
  const { main, style, theme } = ENTRIES;
  const icon = readFileSync(ICON);
  const hash = createHash('sha256').update(icon).digest('hex').slice(0, 8);
  return [
    { entry: 'icon', name: `icon-${hash}.svg`, content: icon },
    ...(await compile([main, style], { format: 'esm', splitting: true })),
    ...(await compile([theme], { format: 'iife' })), // not a module: it runs before the first paint
  ];
}

async function compile(entryPoints, options) {
  const { build } = await import('esbuild'); // by now installed
  const { outputFiles, metafile } = await build({
    ...{ entryPoints, outdir: BUILT, absWorkingDir: root, bundle: true, minify: true, target: 'es2022' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
    ...{ entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]' },
    ...{ metafile: true, write: false, logLevel: 'warning' },
    ...options,
  });
  const entryOf = (path) => {
    const { entryPoint = '' } = metafile.outputs[relative(root, path)];
    return Object.keys(ENTRIES).find((name) => ENTRIES[name] === join(root, entryPoint));
  };
  return outputFiles.map(({ path, contents }) => ({
    ...{ entry: entryOf(path), name: basename(path), content: contents },
  }));
}

function page(assets) {
  return readFileSync(join(SOURCES, 'index.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, wanted) => {
    const asset = assets.find(({ entry }) => entry === wanted);
    if (asset === undefined) throw new Error(`index.html names ${wanted}, which was not built`);
    return `/assets/${asset.name}`;
  });
}

function writeAsset(file, content) {
  writeFileSync(file, content);
  if (!COMPRESSED.test(file)) return;
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: quality }));
  writeFileSync(`${file}.gz`, gzipSync(content));
}
