import { setTimeout } from 'node:timers/promises';
import { HostP2pD } from 'hostp2pd';

const [seconds = '40', configFile] = process.argv.slice(2);

// Without a group of its own the box searches all the time.
const hostp2pd = new HostP2pD({ configFile, config: { activate_persistent_group: false } });
await hostp2pd.start();
await setTimeout(Number(seconds) * 1000);
console.log('Station addresses:');
for (const { deviceAddress, name, deviceKind } of hostp2pd.peers.values()) {
  console.log(
    `  ${deviceAddress} = ${(name ?? '[unknown]').padEnd(35)} (${deviceKind ?? 'unknown device type'})`,
  );
}
await hostp2pd.stop();
console.log('Completed.');
