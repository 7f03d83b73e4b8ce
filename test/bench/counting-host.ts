/**
 * Runs the library and answers each message of the parent with the number of events so far, by name.
 * Arguments: the library's module, the folder of the control sockets.
 */
const [, , library = '', ctrl_interface = ''] = process.argv;
const { HostP2pD }: typeof import('#src/index.js') = await import(library);
const host = new HostP2pD({ interface: 'p2p-dev-wlan0', config: { ctrl_interface } });
process.on('message', () => process.send?.(host.statistics.events));
process.on('SIGTERM', () => void host.stop());
await host.start();
await host.closed;
process.disconnect();
