import { setTimeout } from 'node:timers/promises';
import { HostP2pD } from 'hostp2pd';

const seconds = Number(process.argv[2] ?? 40);

await using hostp2pd = new HostP2pD();
await hostp2pd.start();
await setTimeout(seconds * 1000);
console.log('Station addresses:');
for (const { deviceAddress, name, deviceKind } of hostp2pd.peers.values()) {
  console.log(
    `  ${deviceAddress} = ${(name ?? '[unknown]').padEnd(35)} (${deviceKind ?? 'unknown device type'})`,
  );
}
console.log('Completed.');
