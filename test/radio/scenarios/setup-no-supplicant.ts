import { setupScenario } from './setup-hosts.js';

export default setupScenario({
  name: 'setup-no-supplicant',
  title: 'setup where no program serves wlan0',
});
