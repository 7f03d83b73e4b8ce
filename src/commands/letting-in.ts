import type { PairOptions } from '../host/options.js';
import { HostP2pError } from '../system/errors.js';
import { parseWrittenAddress } from '../system/mac-address.js';
import { EVERYWHERE, type Operated, type SessionCommand } from './command.js';
import { pairingText } from './information.js';
import { output } from './output.js';
import { deviceAddress, knownDevices } from './words.js';

/** Commands about who may come in, and who must go. */

const pair: SessionCommand = {
  name: 'pair',
  arguments: [
    { name: 'method', optional: true, words: ['pbc', 'pin', 'stop'], completes: 'device' },
    { name: 'PIN', optional: true, completes: 'device' },
    { name: 'address', optional: true, completes: 'device' },
  ],
  summary: 'let the next phone, or the one named, come in: by push button, or by a PIN',
  details:
    'Opens a window for max_negotiation_time, whatever the settings say of the way in. "pair pin" makes a fresh PIN and prints it; "pair pin 12345670" takes that one, which may also be one that a device without a keypad shows. Without a method the one in use is taken. "pair stop" shuts the window.',
  faces: EVERYWHERE,
  repeatedBy: ['pairingOpened', 'pairingClosed'],
  async run(operated, words) {
    const { host } = operated;
    if (words[0] === 'stop') {
      if (words.length > 1) throw new HostP2pError('USAGE', 'pair stop: wanted nothing behind it');
      await host.stopPairing();
      return output({ pairing: null }, 'the pairing window is shut');
    }
    const pairing = await host.pair(pairOptions(operated, words));
    return output({ pairing }, `pairing: ${pairingText(pairing)}`);
  },
};

/** `[pbc|pin [PIN]] [address]` */
function pairOptions(operated: Operated, words: readonly string[]): PairOptions {
  const left = [...words];
  const method = left[0] === 'pbc' || left[0] === 'pin' ? left[0] : undefined;
  if (method !== undefined) left.shift();
  // A name of digits is no address either; who means the device gives its address.
  const pin = method === 'pin' && left[0] !== undefined && /^\d+$/.test(left[0]) ? left.shift() : undefined;
  const device = left.shift();
  if (left.length > 0) throw new HostP2pError('USAGE', `pair: found ${JSON.stringify(left[0])} too many`);
  return {
    method,
    pin,
    deviceAddress: device === undefined ? undefined : deviceAddress(device, knownDevices(operated)),
  };
}

const pin: SessionCommand = {
  name: 'pin',
  arguments: [
    { name: 'address', completes: 'device' },
    { name: 'PIN', completes: 'text' },
  ],
  summary: 'type the PIN that a phone shows',
  faces: EVERYWHERE,
  async run(operated, [device = '', digits = '']) {
    const address = deviceAddress(device, knownDevices(operated));
    await operated.host.enterPin(address, digits);
    return output({ deviceAddress: address }, `${address} may come in with that PIN`);
  },
};

const invite: SessionCommand = {
  name: 'invite',
  arguments: [{ name: 'address', completes: 'client' }],
  summary: 'invite a phone into the group, which is started for it where none runs',
  faces: EVERYWHERE,
  async run(operated, [device = ''], { signal } = {}) {
    const address = await clientAddress(operated, device);
    await operated.host.invite(address, signal);
    return output({ deviceAddress: address }, `${address} has taken the invitation, or asks its user`);
  },
};

const disconnect: SessionCommand = {
  name: 'disconnect',
  arguments: [{ name: 'address', completes: 'station' }],
  summary: 'disconnect a station; one that knows the group usually comes back',
  faces: EVERYWHERE,
  async run(operated, [device = '']) {
    const address = deviceAddress(device, knownDevices(operated));
    await operated.host.disconnect(address);
    return output({ address }, `${address} is disconnected`);
  },
};

const forget: SessionCommand = {
  name: 'forget',
  arguments: [{ name: 'address', completes: 'client' }],
  summary: 'take a phone off the list of those that have joined, and disconnect it',
  details:
    'With per_sta_psk it is out for good; without, it still knows the passphrase of the group and can come back with it.',
  faces: EVERYWHERE,
  async run(operated, [device = '']) {
    const address = await clientAddress(operated, device);
    await operated.host.forget(address);
    return output({ deviceAddress: address }, `${address} is forgotten`);
  },
};

/** Also by the name of a phone that has not been seen since we started, as far as it is known. */
async function clientAddress(operated: Operated, word: string): Promise<string> {
  const written = parseWrittenAddress(word);
  if (written !== null) return written;
  const clients = await operated.host.clients().catch(() => []);
  const known = clients.map(({ deviceAddress: address, name }) => ({ address, name }));
  return deviceAddress(word, [...knownDevices(operated), ...known]);
}

export const LETTING_IN: readonly SessionCommand[] = [pair, pin, invite, disconnect, forget];
