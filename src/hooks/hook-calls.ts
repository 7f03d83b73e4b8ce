/** What a hook program (`run_program`) is called with: the manual page and the README are held against these tables. */
export const HOOKS = {
  started: { arguments: [], meaning: 'the session has begun' },
  start_group: {
    arguments: ['[ID]'],
    meaning: 'before a group is made; ID is the network id of a persistent group',
  },
  stop_group: { arguments: ['[INTERFACE]'], meaning: 'after a group has ended, or did not come up' },
  connect: {
    arguments: ['ADDRESS', 'NAME', 'INTERFACE'],
    meaning:
      'a station has joined the group; ADDRESS is its P2P device address, or the interface address of a plain station',
  },
  disconnect: { arguments: ['ADDRESS', 'NAME', 'INTERFACE'], meaning: 'a station has left the group' },
  address: {
    arguments: ['ADDRESS', 'NAME', 'INTERFACE', 'IP'],
    meaning: 'the IPv4 address of a station is known, or has changed',
  },
  show_pin: {
    arguments: ['ADDRESS', 'PIN', 'NAME'],
    meaning: 'show this PIN: the user of that phone must type it (pin: random)',
  },
  enter_pin: {
    arguments: ['ADDRESS', 'NAME'],
    meaning: 'that phone shows a PIN, which must be typed here: hostp2pd pin ADDRESS PIN',
  },
  terminated: { arguments: [], meaning: 'the session ends' },
} as const satisfies Record<string, HookCall>;

interface HookCall {
  /** Behind the name of the hook; in brackets what may be missing. */
  readonly arguments: readonly string[];
  readonly meaning: string;
}

export type HookName = keyof typeof HOOKS;

/** Environment variables of a hook program; each is set only where its value is known. */
export const HOOK_VARIABLES = {
  HOSTP2PD_EVENT: 'the name of the hook, which is the first argument too',
  HOSTP2PD_INTERFACE: 'the interface on which Wi-Fi Direct events come: the P2P device, or the radio itself',
  HOSTP2PD_GROUP_INTERFACE: 'the interface of the group',
  HOSTP2PD_SSID: 'the name of the network',
  HOSTP2PD_FREQUENCY: 'its frequency in MHz',
  HOSTP2PD_NETWORK_ID: 'the network id of a persistent group',
  HOSTP2PD_STATION_ADDRESS: 'the P2P device address, or the interface address of a plain station',
  HOSTP2PD_STATION_INTERFACE_ADDRESS: 'the interface address',
  HOSTP2PD_STATION_NAME: 'the name of the device',
  HOSTP2PD_STATION_KIND: 'kind of station: p2p, or legacy for a plain station',
  HOSTP2PD_STATION_IP: 'the IPv4 address of the station',
  HOSTP2PD_PIN: 'the PIN of show_pin',
} as const;
