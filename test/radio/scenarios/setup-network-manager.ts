import { connectHome } from './host-network-manager.js';
import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-network-manager',
  title: 'setup where NetworkManager keeps wlan0, which is connected to the home network',
  connect: connectHome,
});
