/** What plays a fault: a test (its file in `test/` and its title), a scenario of the radio lab, or why there is no outcome. */
type Player =
  | { readonly test: string; readonly title: string }
  | { readonly scenario: string }
  | { readonly not: string };

export interface Fault {
  readonly player: Player;
  /** Seconds after which everything has to work again. */
  readonly most?: number;
}

const scenario = (name: string, most?: number): Fault => ({
  player: { scenario: name },
  ...(most === undefined ? {} : { most }),
});
const not = (reason: string): Fault => ({ player: { not: reason } });
const test = (file: string, title: string): Fault => ({ player: { test: file, title } });

const SUPPLICANT = 'faults-supplicant';
const RADIO = 'faults-radio';
const LINK = 'integration/faults-link.test.ts';
const HOOKS = 'integration/faults-hooks.test.ts';
const DISK = 'integration/full-disk.test.ts';
const STORE = 'unit/host/group-store.test.ts';
const ADDRESSES = 'integration/addresses.test.ts';

/** An Android phone that is without its group for more than ten seconds leaves it. Half of that is wpa_supplicant's. */
const GROUP_BACK = 5;
const NOTICED = 2;

/**
 * All faults that the tests inject, by what they hit. The tests report what was lost and for how long (`overcome`), and
 * `npm run faults` writes that into packaging/docs/faults.md. A unit test compares the two.
 */
export const FAULTS = {
  wpa_supplicant: {
    'SIGTERM, and started again': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL, and started again': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL under systemd: until hostp2pd notices': scenario('network-manager', NOTICED),
    'SIGKILL while hostp2pd starts': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM while hostp2pd starts': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL while devices are searched': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM while devices are searched': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL after the request of a phone (provision discovery)': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM after the request of a phone (provision discovery)': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL while the group is formed': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM while the group is formed': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL while a phone enrols': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM while a phone enrols': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL 20 times in a row': scenario(SUPPLICANT, GROUP_BACK),
    'SIGTERM 20 times in a row': scenario(SUPPLICANT, GROUP_BACK),
    'SIGSTOP for 60 s': scenario(SUPPLICANT),
    'the control folder is moved away, and back after 15 s': scenario(SUPPLICANT),
    'the interface is removed from wpa_supplicant and added again': scenario(SUPPLICANT, GROUP_BACK),
    'the command TERMINATE, and started again': scenario(SUPPLICANT, GROUP_BACK),
    'SIGKILL without a configuration file': scenario('group-outlives-supplicant', GROUP_BACK),
    'Wi-Fi Direct is switched off and on': scenario(SUPPLICANT),
  },
  hostp2pd: {
    // No limit in the emulated machine, where a start of Node.js takes seconds: hostp2pd@ has two, hostp2pd-notify@ one.
    'SIGKILL under systemd': scenario('service'),
    'SIGKILL under systemd, hostp2pd-notify@': scenario('service-notify'),
  },
  'the link to wpa_supplicant': {
    'replies do not come': test(LINK, 'replies do not come: the link is made again, and the group is kept'),
    'replies come late': test(
      'integration/real-supplicant-link.test.ts',
      'a late reply of a wpa_supplicant that hung is ignored',
    ),
    'we are detached': test(LINK, 'we are detached without an event: what happened meanwhile is found out'),
    'datagrams from strangers': test(LINK, 'datagrams from strangers change nothing'),
    'the path of our socket is in use': test(LINK, 'the path of our socket is in use: another one is taken'),
    'no file descriptor is left': test(
      LINK,
      'no file descriptor is left: everything works again when there are some',
    ),
    '/run is full': scenario(RADIO),
    'the clock is set a year forward and back': scenario(RADIO),
    'suspend and resume': scenario('faults-suspend'),
  },
  'the radio': {
    'the interface of the radio is down for 10 s': scenario(RADIO),
    'the interface of the group is removed': scenario(RADIO, GROUP_BACK),
    'the interface of the radio is removed, and made again': scenario(RADIO),
    'the interface of the radio is renamed, and back': scenario(RADIO),
    'the group is removed once': scenario(RADIO, GROUP_BACK),
    'the group is removed again and again': scenario(RADIO),
    'P2P_GROUP_ADD is answered with OK, and nothing follows': test(
      LINK,
      'P2P_GROUP_ADD is answered with OK, and nothing follows: the next attempt succeeds',
    ),
    'a second group is started': scenario(RADIO),
    'the group moves to another channel (CSA)': scenario('android-ten-seconds'),
    'the channel of the group is forbidden': scenario('android-ten-seconds'),
    'the country is changed': not('nothing: the lab has no database of countries'),
    'rfkill off and on': scenario('supplicant-comes-and-goes'),
  },
  'hooks and helpers': {
    'a hook hangs': test(HOOKS, 'a hook that hangs is ended, and the next one is called'),
    'a hook crashes': test(HOOKS, 'a hook that crashes changes nothing'),
    'a hook leaves a process that holds its output open': test(
      HOOKS,
      'a process that a hook leaves running with its output delays nothing',
    ),
    'a hook writes 1 GB': test(HOOKS, 'a hook that writes 1 GB is read to its end, and memory does not grow'),
    'the hook program is removed, and comes back': test(
      HOOKS,
      'a hook program that is removed while hostp2pd runs is an error once, and is called when it is back',
    ),
    '200 events at once': test(HOOKS, '200 phones at once: each hook is called once, in order'),
    'dnsmasq is killed': test(ADDRESSES, 'a dnsmasq that dies is started again, and keeps its leases'),
    'another program takes the port of dnsmasq': test(
      ADDRESSES,
      'a port that another program takes while dnsmasq is away: an error once, and served when it is free',
    ),
  },
  'disk and log': {
    'the disk of the log is full': test(DISK, 'a full disk: the log says so and says to free space'),
    'the disk of the log is read-only': test(
      DISK,
      'a read-only disk: the log says so, and goes on when it can be written',
    ),
    'the folder of the log is removed': test(DISK, 'a folder of the log that is removed is made again'),
    'the disk of the recording is full': test(
      DISK,
      'a full disk is a warning once; with room again the recording goes on',
    ),
    'the disk of the state file is full': test(
      DISK,
      'a full disk: the state file keeps what it had, and is written when there is room',
    ),
    'the disk of the state file is read-only': test(
      DISK,
      'a read-only disk: the state file keeps what it had, and is written when it can be',
    ),
    'the folder of the state file is removed': test(
      DISK,
      'a folder of the state file that is removed is made again',
    ),
    'the state file is cut, has garbage, or a newer version': test(
      STORE,
      'a damaged file gives a warning without secrets, and is kept',
    ),
    'a power cut at each step of writing the state file': test(
      STORE,
      'a power cut at each step of writing: the former group or the new one is read',
    ),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Fault>>>>;

type Groups = typeof FAULTS;
type FaultGroup = keyof Groups;
export type FaultName = { [G in FaultGroup]: keyof Groups[G] & string }[FaultGroup];

const ALL: ReadonlyMap<string, Fault> = new Map(
  Object.values(FAULTS).flatMap((group) => Object.entries(group)),
);

export function isFaultName(name: string): name is FaultName {
  return ALL.has(name);
}

export function faultOf(name: FaultName): Fault {
  const fault = ALL.get(name);
  if (fault === undefined) throw new Error(`no fault of that name: ${name}`);
  return fault;
}

export function faultNames(): readonly FaultName[] {
  return [...ALL.keys()].filter(isFaultName);
}
