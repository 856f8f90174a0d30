import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { OwnProcess } from './own-process.ts';
import { privateDirectory } from './own-user.ts';

const ATTEMPTS = 5;
const START_TIMEOUT_MS = 20_000;
const READY = 'Ready to accept connections';

/** A redis-server of our own on 127.0.0.1, in memory only. `settings`: further directives of redis.conf. */
export class OwnRedis {
  readonly port: number;
  readonly #settings: Readonly<Record<string, string>>;
  #process: OwnProcess;

  /** Throws when there is no redis-server on the PATH, or with its log when it does not come up. */
  static async start(settings: Readonly<Record<string, string>> = {}, port?: number): Promise<OwnRedis> {
    for (let attempt = 1; ; attempt++) {
      const chosen = port ?? (await freePort());
      try {
        return new OwnRedis(chosen, settings, await launch(chosen, settings));
      } catch (error) {
        if (port !== undefined || attempt === ATTEMPTS || !String(error).includes('in use')) throw error;
      }
    }
  }

  private constructor(port: number, settings: Readonly<Record<string, string>>, process: OwnProcess) {
    this.port = port;
    this.#settings = settings;
    this.#process = process;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Private, and gone with the server. */
  get directory(): string {
    return this.#process.directory;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Freeze it: it keeps its connections and accepts new ones, and answers none. */
  pause(): void {
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Bring a stopped or running server (back) up on the same port, empty. */
  async restart(): Promise<void> {
    await this.stop();
    this.#process = await launch(this.port, this.#settings);
  }

  async flush(): Promise<void> {
    const answer = await ask(this.port, 'FLUSHALL');
    if (!answer.startsWith('+OK')) throw new Error(`FLUSHALL: ${answer}`);
  }
}

async function launch(port: number, settings: Readonly<Record<string, string>>): Promise<OwnProcess> {
  const directory = privateDirectory('postern-redis-', null);
  const directives = {
    port: `${port}`,
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    dir: directory,
    ...settings,
  };
  const server = await OwnProcess.start({
    command: 'redis-server',
    args: Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value]),
    directory,
    user: null,
    stopSignal: 'SIGKILL', // nothing of it is kept, and a frozen one must go too
    reapSignal: 'KILL',
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  // Its own word, and not an answer at the port: that may be another server's, which got the port first.
  while (!server.log().includes(READY)) {
    if (server.running && Date.now() < deadline) await sleep(20);
    else {
      const log = server.log();
      await server.stop();
      throw new Error(`redis-server did not start:\n${log}`);
    }
  }
  return server;
}

/** One inline command; its answer's first line (RESP2). */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(`${command}\r\n`));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString('latin1').trimEnd());
    });
    socket.once('error', reject);
  });
}
