import { connectByIfupdown, IFUPDOWN_PACKAGES } from './host-ifupdown.js';
import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-ifupdown',
  title: 'setup where ifupdown has connected wlan0 to the home network',
  packages: IFUPDOWN_PACKAGES,
  connect: connectByIfupdown,
});
