import { Command } from 'commander';
import { startServer } from '../server/start.ts';
import { configOf } from './issuer.ts';

export function command(): Command {
  return new Command('serve')
    .option('--config <file>', 'configuration file (default: $POSTERN_CONFIG, or ./postern.yaml)')
    .option('--json', 'print the ready line as JSON')
    .action(async (options: { config?: string; json?: boolean }) => {
      const config = configOf(options.config);
      const server = await startServer(config);
      const { host } = config.listen;
      console.log(
        options.json
          ? JSON.stringify({ listening: { host, port: server.port }, metricsPort: server.metricsPort })
          : `postern listens on ${host}:${server.port}`,
      );
      await signalled();
      await server.close();
    });
}

/** SIGTERM or SIGINT; a second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const handle = (): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    };
    process.on('SIGTERM', handle).on('SIGINT', handle);
  });
}
