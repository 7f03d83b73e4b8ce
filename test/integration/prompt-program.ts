/**
 * The prompt and batch mode as a program, on a session with the configuration of the environment variable CONFIG
 * (JSON). Usage: prompt-program.js prompt|batch
 */
import { runBatch } from '#src/cli/batch.js';
import { runPrompt } from '#src/cli/prompt.js';
import { Screen } from '#src/cli/screen.js';
import type { Operated } from '#src/commands/command.js';
import { EventJournal } from '#src/commands/journal.js';
import { LocalTarget } from '#src/commands/target.js';
import { BufferedLogger, HostP2pD } from '#src/index.js';
import '../fakes/state-folder.js';

const [mode] = process.argv.slice(2);
const screen = new Screen();
const logger = new BufferedLogger({ standardError: mode === 'batch' ? process.stdout : screen.log });
logger.giveUp(process.env['LEVEL'] === 'info' ? 'info' : 'error');
const host = new HostP2pD({ config: JSON.parse(process.env['CONFIG'] ?? '{}'), logger });
const ended = new AbortController();
process.on('SIGTERM', () => void host.stop());
process.on('unhandledRejection', (error) => {
  screen.print(`unhandled: ${String(error)}`);
  process.exit(9);
});
const operated: Operated = {
  host,
  journal: new EventJournal(host),
  log: { level: 'info', setLevel: () => {} },
  quit: () => void host.stop(),
};
void host.closed.finally(() => ended.abort());
await host.start();
const target = new LocalTarget(operated);
process.exitCode =
  mode === 'batch'
    ? await runBatch(target, { write: (text) => process.stdout.write(text), signal: ended.signal })
    : await runPrompt(target, { screen, signal: ended.signal });
await host.stop();
