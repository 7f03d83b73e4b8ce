import { HostP2pD } from '#src/index.js';

/** The library with its counters in reach: answers each message of the parent with the events it has had, by name. */
const host = new HostP2pD({
  interface: 'p2p-dev-wlan0',
  config: { ctrl_interface: process.argv[2] },
});
process.on('message', () => process.send?.(host.statistics.events));
process.on('SIGTERM', () => void host.stop());
await host.start();
await host.closed;
process.disconnect();
