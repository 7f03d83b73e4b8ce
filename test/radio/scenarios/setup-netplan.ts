import { connectByNetplan } from './host-netplan.js';
import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-netplan',
  title: 'setup where netplan has connected wlan0 to the home network',
  packages: ['netplan.io'],
  connect: connectByNetplan,
});
