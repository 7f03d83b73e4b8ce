import type { CommandContext } from '#src/commands/command.js';
import { EventJournal } from '#src/commands/journal.js';
import type { HostP2pD } from '#src/host/host.js';

/** What commands need of their process, for a session in the process of the tests. */
export function commandContext(host: HostP2pD): CommandContext {
  return {
    host,
    journal: new EventJournal(host),
    log: { level: 'info', file: null, setLevel: () => {} },
    reload: (file) => host.reload(file),
    quit: () => {},
  };
}
