/**
 * The contract with a hook program (`run_program`) on one page: which events call it, with which arguments and which
 * environment variables. The manual page and packaging/docs/hooks.md are checked
 * against these tables.
 */

interface HookGroup {
  readonly interface: string;
  readonly ssid: string | null;
  /** MHz */
  readonly frequency: number | null;
  /** The network id of a persistent group. */
  readonly networkId: number | null;
}

interface HookStation {
  /** Interface address. */
  readonly address: string;
  /** P2P device address; null for a plain station. */
  readonly deviceAddress: string | null;
  readonly name: string | null;
  readonly ip: string | null;
  readonly ipv6: string | null;
}

/** A phone that waits for its PIN. It has no interface address yet. */
interface HookDevice {
  readonly deviceAddress: string;
  readonly name: string | null;
}

/** What happened, as plain data. {@link hookCall} turns it into arguments and environment. */
export type HookEvent =
  | { readonly hook: 'started' | 'terminated' }
  /** `group`: what is known of a persistent group before it runs. */
  | { readonly hook: 'start_group'; readonly group: Pick<HookGroup, 'networkId' | 'ssid'> }
  /** `group`: null if it was announced by `start_group` but did not come up. */
  | { readonly hook: 'stop_group'; readonly group: HookGroup | null }
  | {
      readonly hook: 'connect' | 'disconnect' | 'address';
      readonly group: HookGroup;
      readonly station: HookStation;
    }
  | { readonly hook: 'show_pin'; readonly station: HookDevice; readonly pin: string }
  | { readonly hook: 'enter_pin'; readonly station: HookDevice };

export type HookName = HookEvent['hook'];

/** Everything that an event may carry. */
interface Facts {
  readonly hook: HookName;
  readonly deviceInterface: string;
  readonly group?: Partial<HookGroup> | null;
  readonly station?: Partial<HookStation>;
  readonly pin?: string;
}

interface Variable {
  readonly meaning: string;
  /** The variable is set only if this is neither null nor undefined. */
  readonly value: (facts: Facts) => string | number | null | undefined;
}

/** Stands for the name of a device whose name is not known, as in the Python program. */
export const UNKNOWN_NAME = '[unknown]';

/** Environment variables of a hook program. */
export const HOOK_VARIABLES = {
  HOSTP2PD_EVENT: {
    meaning: 'the name of the hook, which is the first argument too',
    value: ({ hook }) => hook,
  },
  HOSTP2PD_INTERFACE: {
    meaning: 'the interface on which Wi-Fi Direct events come: the P2P device, or the radio itself',
    value: ({ deviceInterface }) => deviceInterface,
  },
  HOSTP2PD_GROUP_INTERFACE: { meaning: 'the interface of the group', value: ({ group }) => group?.interface },
  HOSTP2PD_SSID: { meaning: 'the name of the network', value: ({ group }) => group?.ssid },
  HOSTP2PD_FREQUENCY: { meaning: 'its frequency in MHz', value: ({ group }) => group?.frequency },
  HOSTP2PD_NETWORK_ID: {
    meaning: 'the network id of a persistent group',
    value: ({ group }) => group?.networkId,
  },
  HOSTP2PD_STATION_ADDRESS: {
    meaning: 'the P2P device address, or the interface address of a plain station',
    value: ({ station }) => station?.deviceAddress ?? station?.address,
  },
  HOSTP2PD_STATION_INTERFACE_ADDRESS: {
    meaning: 'the interface address',
    value: ({ station }) => station?.address,
  },
  HOSTP2PD_STATION_NAME: {
    meaning: 'the name of the device',
    value: ({ station }) => station && (station.name ?? UNKNOWN_NAME),
  },
  HOSTP2PD_STATION_KIND: {
    meaning: 'kind of station: p2p, or legacy for a plain station',
    value: ({ station }) => station && (station.deviceAddress === null ? 'legacy' : 'p2p'),
  },
  HOSTP2PD_STATION_IP: { meaning: 'the IPv4 address of the station', value: ({ station }) => station?.ip },
  HOSTP2PD_STATION_IPV6: {
    meaning: 'its IPv6 link-local address with the interface, looked up if nothing shows that it uses IPv4',
    value: ({ station }) => station?.ipv6,
  },
  HOSTP2PD_PIN: { meaning: 'the PIN of show_pin', value: ({ pin }) => pin },
} as const satisfies Record<string, Variable>;

type VariableName = keyof typeof HOOK_VARIABLES;

/** Each argument has the value of a variable. An argument in brackets is left out if its variable is not set. */
const ARGUMENTS = {
  ADDRESS: 'HOSTP2PD_STATION_ADDRESS',
  NAME: 'HOSTP2PD_STATION_NAME',
  '[IP]': 'HOSTP2PD_STATION_IP',
  PIN: 'HOSTP2PD_PIN',
  INTERFACE: 'HOSTP2PD_GROUP_INTERFACE',
  '[INTERFACE]': 'HOSTP2PD_GROUP_INTERFACE',
  '[ID]': 'HOSTP2PD_NETWORK_ID',
} as const satisfies Record<string, VariableName>;

const ALWAYS: readonly VariableName[] = ['HOSTP2PD_EVENT', 'HOSTP2PD_INTERFACE'];

const GROUP = [
  'HOSTP2PD_GROUP_INTERFACE',
  'HOSTP2PD_SSID',
  'HOSTP2PD_FREQUENCY',
  'HOSTP2PD_NETWORK_ID',
] as const;

const STATION = [
  'HOSTP2PD_STATION_ADDRESS',
  'HOSTP2PD_STATION_INTERFACE_ADDRESS',
  'HOSTP2PD_STATION_NAME',
  'HOSTP2PD_STATION_KIND',
  'HOSTP2PD_STATION_IP',
  'HOSTP2PD_STATION_IPV6',
] as const;

const DEVICE = ['HOSTP2PD_STATION_ADDRESS', 'HOSTP2PD_STATION_NAME', 'HOSTP2PD_STATION_KIND'] as const;

interface Hook {
  readonly when: string;
  /** They follow the name of the hook. */
  readonly arguments: readonly (keyof typeof ARGUMENTS)[];
  /** Besides {@link ALWAYS}; each is set only if its value is known. */
  readonly variables: readonly VariableName[];
}

export const HOOKS: Readonly<Record<HookName, Hook>> = {
  started: { when: 'the session has begun', arguments: [], variables: [] },
  start_group: {
    when: 'before a group is made; ID is the network id of a persistent group',
    arguments: ['[ID]'],
    variables: ['HOSTP2PD_NETWORK_ID', 'HOSTP2PD_SSID'],
  },
  stop_group: {
    when: 'after a group has ended, or did not come up',
    arguments: ['[INTERFACE]'],
    variables: GROUP,
  },
  connect: {
    when: 'a station has joined the group; ADDRESS is its P2P device address, or the interface address of a plain station',
    arguments: ['ADDRESS', 'NAME', 'INTERFACE'],
    variables: [...GROUP, ...STATION],
  },
  disconnect: {
    when: 'a station has left the group',
    arguments: ['ADDRESS', 'NAME', 'INTERFACE'],
    variables: [...GROUP, ...STATION],
  },
  address: {
    when: 'an address of a station is known, or has changed; without IP, only an IPv6 address is known',
    arguments: ['ADDRESS', 'NAME', 'INTERFACE', '[IP]'],
    variables: [...GROUP, ...STATION],
  },
  show_pin: {
    when: 'show this PIN: the user of that phone must type it (pin: random)',
    arguments: ['ADDRESS', 'PIN', 'NAME'],
    variables: [...DEVICE, 'HOSTP2PD_PIN'],
  },
  enter_pin: {
    when: 'that phone shows a PIN, which must be typed here: hostp2pd pin ADDRESS PIN',
    arguments: ['ADDRESS', 'NAME'],
    variables: DEVICE,
  },
  terminated: { when: 'the session ends', arguments: [], variables: [] },
};

/** One call of a hook program. */
export interface HookCall {
  /** The first argument of the program. */
  readonly name: string;
  /** The arguments that follow. */
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @param deviceInterface the interface on which Wi-Fi Direct events come; empty if it is not known yet */
export function hookCall(event: HookEvent, deviceInterface: string): HookCall {
  const { arguments: words, variables } = HOOKS[event.hook];
  const facts: Facts = { deviceInterface, ...event };
  const environment: Partial<Record<VariableName, string>> = {};
  for (const name of [...ALWAYS, ...variables]) {
    const value = HOOK_VARIABLES[name].value(facts);
    if (value !== null && value !== undefined) environment[name] = String(value);
  }
  const args = words.flatMap((word) => environment[ARGUMENTS[word]] ?? []);
  return { name: event.hook, args, environment };
}
