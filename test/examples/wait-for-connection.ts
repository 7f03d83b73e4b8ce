import { ControlInterface, command, HostP2pError } from 'hostp2pd/wpa';

const [interfaceName = 'wlan0', ssid = 'home', passphrase] = process.argv.slice(2);
const controlFolder = process.env['CTRL_INTERFACE'] ?? '/run/wpa_supplicant';

const control = await ControlInterface.open(interfaceName, { controlFolder });
try {
  const id = Number(await control.request(command.ADD_NETWORK));
  const security = passphrase === undefined ? 'key_mgmt NONE' : `psk "${passphrase}"`;
  await control.request(command.setNetwork(id, `ssid ${Buffer.from(ssid).toString('hex')}`));
  await control.request(command.setNetwork(id, security));
  const { bssid } = await control.waitFor('CTRL-EVENT-CONNECTED', {
    command: command.selectNetwork(id),
    where: (event) => event.id === id,
    failure: ['CTRL-EVENT-SSID-TEMP-DISABLED', 'CTRL-EVENT-ASSOC-REJECT'],
    timeout: 20_000,
  });
  console.log(`${interfaceName} is connected to ${bssid}`);
} catch (error) {
  // FAILURE_EVENT: wrong passphrase, or refused; CONTROL_TIMEOUT: no such network in reach.
  if (!(error instanceof HostP2pError)) throw error;
  console.error(`${interfaceName} is not connected: ${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  control.close();
}
