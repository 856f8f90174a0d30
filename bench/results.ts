import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frontPage, marksTable } from './front-page.ts';
import type { Mark, Page, Part } from './part.ts';
import { PARTS } from './parts.ts';
import type { Setting } from './setting.ts';

/** What a part has left, as its results.json has it. */
export interface Kept {
  readonly name: string;
  readonly title: string;
  readonly setting: Setting;
  readonly quick: boolean;
  readonly marks: readonly Mark[];
  readonly findings: readonly string[];
}

/** A directory for each part (report.md, results.json, plots), and the front page over all that are there. */
export class Results {
  readonly directory: string;
  readonly #quick: boolean;

  constructor(directory: string, quick: boolean) {
    this.directory = directory;
    this.#quick = quick;
  }

  write({ name, title }: Part, setting: Setting, page: Page): void {
    const directory = join(this.directory, name);
    mkdirSync(directory, { recursive: true });
    const { markdown, plots, data, marks, findings = [] } = page;
    const kept: Kept = { name, title, setting, quick: this.#quick, marks, findings };
    writeFileSync(join(directory, 'report.md'), this.#page(title, setting, name, markdown));
    writeFileSync(join(directory, 'results.json'), `${JSON.stringify({ ...kept, data }, null, 1)}\n`);
    for (const [file, plot] of Object.entries(plots)) writeFileSync(join(directory, file), plot);
    writeFileSync(join(this.directory, 'report.md'), frontPage(this.#all()));
  }

  /** Markdown. */
  marks(): string {
    return marksTable(this.#all());
  }

  #page(title: string, { at, machine, load, node }: Setting, name: string, markdown: string): string {
    const command = `\`npm run bench -- --only ${name}${this.#quick ? ' --quick' : ''}\``;
    return `# ${title}

${command}, ${at}. Node.js ${node}, on ${machine}; load average at the start ${load}. Everything runs on this machine,
over loopback: servers, proxies and clients share its cores. How it is done: [the benchmark](../../../docs/benchmark.md).
${this.#quick ? '\nA quick run, to see that it works: the figures say nothing.\n' : ''}
${markdown.trim()}
`;
  }

  #all(): readonly Kept[] {
    return PARTS.flatMap(({ name }) => {
      const file = join(this.directory, name, 'results.json');
      return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as Kept] : [];
    });
  }
}
