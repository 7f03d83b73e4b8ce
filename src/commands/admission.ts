import type { PairOptions } from '../host/options.js';
import { HostP2pError } from '../system/errors.js';
import { inQuotes } from '../system/values.js';
import { type CommandContext, EVERYWHERE, output, type SessionCommand } from './command.js';
import { clientAddress, deviceAddress } from './devices.js';
import { pairingText } from './status-text.js';

/** Commands that admit devices, and remove them. */

const pair: SessionCommand = {
  name: 'pair',
  arguments: [
    { name: 'method', optional: true, words: ['pbc', 'pin', 'stop'], completes: 'device' },
    { name: 'PIN', optional: true, completes: 'device' },
    { name: 'address', optional: true, completes: 'device' },
  ],
  summary: 'let the next phone join, or the one named: by push button or by PIN',
  details:
    'Opens a pairing window for max_negotiation_time, whatever the configuration allows otherwise. "pair pin" makes a new PIN and prints it; "pair pin 12345670" uses that PIN, which may be one that a device without a keypad shows. Without a method the configured one is used. "pair stop" closes the window.',
  frontends: EVERYWHERE,
  repeatedBy: ['pairingOpened', 'pairingClosed'],
  async run(context, words) {
    const { host } = context;
    if (words[0] === 'stop') {
      if (words.length > 1) throw new HostP2pError('USAGE', 'pair stop takes no arguments');
      await host.stopPairing();
      return output({ pairing: null }, 'pairing window closed');
    }
    const pairing = await host.pair(pairOptions(context, words));
    return output({ pairing }, `pairing: ${pairingText(pairing)}`);
  },
};

/** `[pbc|pin [PIN]] [address]` */
function pairOptions(context: CommandContext, words: readonly string[]): PairOptions {
  const left = [...words];
  const method = left[0] === 'pbc' || left[0] === 'pin' ? left[0] : undefined;
  if (method !== undefined) left.shift();
  // Digits are always a PIN: a device whose name is made of digits is given by its address.
  const pin = method === 'pin' && left[0] !== undefined && /^\d+$/.test(left[0]) ? left.shift() : undefined;
  const device = left.shift();
  const [unexpected] = left;
  if (unexpected !== undefined)
    throw new HostP2pError('USAGE', `pair: unexpected argument ${inQuotes(unexpected)}`);
  return {
    method,
    pin,
    deviceAddress: device === undefined ? undefined : pairedDevice(context, device, method !== undefined),
  };
}

/** @param hasMethod the word before was `pbc` or `pin`, so this one can only be a device */
function pairedDevice(context: CommandContext, word: string, hasMethod: boolean): string {
  try {
    return deviceAddress(context, word);
  } catch (error) {
    if (hasMethod || !(error instanceof HostP2pError)) throw error;
    throw new HostP2pError(error.code, `pair: expected pbc, pin, stop or a device; ${error.message}`);
  }
}

const pin: SessionCommand = {
  name: 'pin',
  arguments: [
    { name: 'address', completes: 'device' },
    { name: 'PIN', completes: 'text' },
  ],
  summary: 'enter the PIN that a phone shows',
  frontends: EVERYWHERE,
  async run(context, [device = '', digits = '']) {
    const address = deviceAddress(context, device);
    await context.host.enterPin(address, digits);
    return output({ deviceAddress: address }, `PIN accepted for ${address}`);
  },
};

const invite: SessionCommand = {
  name: 'invite',
  arguments: [{ name: 'address', completes: 'client' }],
  summary: 'invite a known phone into the group; starts the group if none is up',
  frontends: EVERYWHERE,
  async run(context, [device = ''], { signal } = {}) {
    const address = await clientAddress(context, device);
    await context.host.invite(address, signal);
    return output(
      { deviceAddress: address },
      `${address} has accepted the invitation, or is asking its user`,
    );
  },
};

const disconnect: SessionCommand = {
  name: 'disconnect',
  arguments: [{ name: 'address', completes: 'station' }],
  summary: 'disconnect a station; one that knows the group usually reconnects',
  frontends: EVERYWHERE,
  async run(context, [device = '']) {
    const address = deviceAddress(context, device);
    await context.host.disconnect(address);
    return output({ address }, `${address} disconnected`);
  },
};

const forget: SessionCommand = {
  name: 'forget',
  arguments: [{ name: 'address', completes: 'client' }],
  summary: 'remove a phone from the known clients of the group, and disconnect it',
  details:
    'With per_sta_psk the phone cannot reconnect. Without, it still knows the passphrase of the group and can reconnect with it.',
  frontends: EVERYWHERE,
  async run(context, [device = '']) {
    const address = await clientAddress(context, device);
    await context.host.forget(address);
    return output({ deviceAddress: address }, `${address} forgotten`);
  },
};

export const ADMISSION: readonly SessionCommand[] = [pair, pin, invite, disconnect, forget];
