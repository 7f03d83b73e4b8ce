import { connectByDhcpcd } from './host-dhcpcd.js';
import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-dhcpcd',
  title: 'setup where dhcpcd starts the wpa_supplicant of wlan0',
  connect: connectByDhcpcd,
});
