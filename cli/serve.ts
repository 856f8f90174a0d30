import { Command } from 'commander';
import { observedDatabases } from '../server/database-terms.ts';
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
      const observed = observedDatabases(config);
      console.log(
        options.json
          ? JSON.stringify({
              listening: { host, port: server.port },
              metricsPort: server.metricsPort,
              apiPort: server.apiPort,
              observed,
              firstAdmin: server.firstAdmin,
            })
          : `postern listens on ${host}:${server.port}`,
      );
      if (server.firstAdmin !== null && !options.json)
        console.log(
          `there is no account yet; for 15 minutes, whoever comes first makes one: ${server.firstAdmin}`,
        );
      if (observed.length > 0)
        console.error(`OBSERVING ${observed.join(', ')}: what grants do not cover is recorded and let pass`);
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
