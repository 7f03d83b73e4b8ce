import type {
  DhcpcdBlock,
  Facts,
  LinkFile,
  PortOwner,
  SharingFacts,
  SupplicantProcess,
} from '#src/doctor/facts.js';
import type { ProgramFacts } from '#src/hooks/program-check.js';
import { escapeRegExp } from '#src/system/values.js';
import type { Case } from './case.js';
import { asUser, HEALTHY, having, PROCESS, place, RADIO, WITHOUT_SUPPLICANT } from './healthy.js';

const HOOK: ProgramFacts = {
  program: '/etc/hook',
  kind: 'file',
  hasArguments: false,
  executable: true,
  readable: true,
  missingInterpreter: null,
};
const hook = (changes: Partial<ProgramFacts>) => having.files({ hook: { ...HOOK, ...changes } });

/** NetworkManager with those lists; by default nmcli has made wlan0 unmanaged. */
const manager = (
  unmanaged: readonly string[],
  changes: Partial<NonNullable<Facts['services']['networkManager']>> = {},
) =>
  having.services({
    networkManager: {
      unmanaged,
      fixedAddress: [{ devices: ['*'], value: true }],
      version: '1.52.1',
      deviceNames: [],
      profiles: [],
      states: 'lo:connected (externally)\nwlan0:unmanaged\n',
      removalDenied: false,
      ...changes,
    },
  });
const MANAGED = { states: 'wlan0:disconnected\n' };
/** NetworkManager manages the radio, and may not remove groups. */
const TAMED = { ...MANAGED, removalDenied: true };
const dhcpcd = (denied: readonly string[], allowed: readonly string[] = []) =>
  having.services({ dhcpcd: { denied, allowed, blocks: [], supplicantHook: null } });

const withBlock = (changes: Partial<DhcpcdBlock>, denied: readonly string[] = []) => {
  const block: DhcpcdBlock = { pattern: 'p2p-wlan0-0', staticAddress: null, withoutDhcp: false, ...changes };
  return having.services({ dhcpcd: { denied, allowed: [], blocks: [block], supplicantHook: null } });
};
/** A wpa_supplicant that was started for that radio. */
const onRadio = (name: string, pid: number): SupplicantProcess => ({
  ...PROCESS,
  pid,
  unit: `wpa_supplicant@${name}`,
  started: PROCESS.started.map((one) => ({ ...one, name })),
  sockets: [`/run/wpa_supplicant/${name}`],
});
const ON_GROUP: SupplicantProcess = {
  ...PROCESS,
  pid: 777,
  unit: 'dhcpcd',
  started: [
    {
      name: 'p2p-wlan0-0',
      configFile: '/etc/w.conf',
      controlInterface: null,
      configUnreadable: false,
      persistentAddress: null,
      networks: [],
      deviceFile: null,
    },
  ],
  sockets: [],
};

const portOwner = (changes: Partial<PortOwner>): PortOwner => {
  return { port: 67, pid: 812, name: 'dnsmasq', unit: 'dnsmasq', shares: false, ...changes };
};

/** A program that cannot be seen. */
const SHARES: SharingFacts = { nft: '/usr/sbin/nft', uplink: 'eth0', canForward: true, blockers: [] };

function sharing(facts: Partial<SharingFacts>, share_internet = 'auto') {
  return having.addressing({ addressing: 'dnsmasq', share_internet }, { sharing: { ...SHARES, ...facts } });
}

const HAS_PORT = having.addressing(
  { addressing: 'dnsmasq' },
  { portOwners: [portOwner({ pid: null, name: null, unit: null, shares: null })] },
);

const DEFAULT_LINK: LinkFile = {
  path: '/usr/lib/systemd/network/99-default.link',
  conditions: { OriginalName: ['*'] },
  policy: 'persistent',
};
const link = (changes: Partial<LinkFile>): LinkFile => ({
  path: '/etc/systemd/network/50-mine.link',
  conditions: { OriginalName: ['p2p-*'] },
  policy: 'none',
  ...changes,
});
const udev = (...linkFiles: readonly LinkFile[]) =>
  having.services({ udev: { linkFiles: [...linkFiles, DEFAULT_LINK] } });

const TAKES: Case['finds'] = {
  'network-manager': [
    'warning',
    /configures the interfaces of groups/,
    /unmanaged-devices\+=interface-name:p2p-\*/,
  ],
};
const REMOVES: Case['finds'] = {
  'network-manager': [
    'error',
    /^NetworkManager manages wlan0, and so it removes every group/,
    /^printf .*unmanaged-devices\+=interface-name:wlan0;interface-name:p2p-\*\\n' .* sudo systemctl restart NetworkManager; this ends the Wi-Fi connections of NetworkManager for some seconds, and that of wlan0 for good$/,
  ],
};
/** wpa_supplicant over D-Bus, as NetworkManager uses it. */
const OVER_DBUS = having.supplicant({ processes: [{ ...PROCESS, unit: 'wpa_supplicant', started: [] }] });
const ASKS: Case['finds'] = { dhcpcd: ['warning', /requests an address/, /denyinterfaces p2p-\*/] };
const RENEWS: Case['finds'] = {
  'link-policy': [
    'warning',
    /MACAddressPolicy=persistent in \/usr\/lib\/systemd\/network\/99-default\.link$/,
    /MACAddressPolicy=none.*10-hostp2pd-p2p\.link/,
  ],
};
const RANDOM: Case['finds'] = {
  'random-address': [
    'warning',
    /NetworkManager/,
    /wifi\.scan-rand-mac-address=no.* restart NetworkManager; this ends the Wi-Fi connections/,
  ],
};

export const surroundingCases: readonly Case[] = [
  ...[
    [],
    ['interface-name:wlan0'],
    ['interface-name:p2p-*', 'except:interface-name:p2p-wlan0-*'],
    ['mac:02:00:00:00:00:00'],
    ['interface-name:=p2p-*'],
  ].map(
    (unmanaged): Case => ({
      what: `NetworkManager, unmanaged: ${unmanaged}`,
      facts: manager(unmanaged),
      finds: TAKES,
    }),
  ),
  ...[
    ['interface-name:p2p-*'],
    ['*'],
    ['type:wifi'],
    ['mac:1', 'interface-name:p2p-wlan?-0'],
    ['except:interface-name:eth0'],
    ['driver:brcm*'],
    ['interface-name:~p2p-*'],
  ].map(
    (unmanaged): Case => ({
      what: `NetworkManager, unmanaged: ${unmanaged}`,
      facts: manager(unmanaged),
      finds: {},
    }),
  ),
  {
    what: 'NetworkManager before any radio is known',
    facts: {
      ...WITHOUT_SUPPLICANT,
      device: { ...WITHOUT_SUPPLICANT.device, radios: [] },
      services: manager(['interface-name:p2p-*']).services,
    },
    finds: { 'supplicant-running': ['error', /./, /./], 'p2p-go': ['error', /no Wi-Fi card/, /./] },
  },
  {
    what: 'NetworkManager that manages the radio',
    facts: manager(['interface-name:p2p-*'], MANAGED),
    finds: REMOVES,
  },
  {
    what: 'NetworkManager that manages the radio, with its own wpa_supplicant',
    facts: having.reported(
      { updateConfig: '0' },
      { ...OVER_DBUS, services: manager(['interface-name:p2p-*'], MANAGED).services },
    ),
    finds: {
      'network-manager': [
        'error',
        /^NetworkManager manages wlan0, and so it removes every group/,
        /send_member="RemoveInterface".*reload dbus.*install\.md/,
      ],
    },
  },
  ...(
    [
      [
        'each with a wpa_supplicant',
        ['wlan0', 'wlan1'],
        'interface-name:wlan0;interface-name:wlan1;interface-name:p2p-*',
        'wlan0 and wlan1',
      ],
      ['the second with a wpa_supplicant', ['wlan1'], 'interface-name:wlan1;interface-name:p2p-*', 'wlan1'],
    ] as const
  ).map(
    ([what, names, devices, radios]): Case => ({
      what: `NetworkManager that manages two radios, ${what}`,
      facts: having.device(
        { radios: [RADIO, { ...RADIO, name: 'wlan1', phy: 'phy1' }] },
        having.supplicant(
          { processes: names.map((name, place) => onRadio(name, 300 + place)) },
          manager(['interface-name:p2p-*'], { states: 'wlan0:disconnected\nwlan1:connected\n' }),
        ),
      ),
      finds: {
        'network-manager': [
          'error',
          /^NetworkManager manages wlan0, wlan1, /,
          new RegExp(
            `\\+=${escapeRegExp(devices)}\\\\n' .* restart NetworkManager; this ends .*, and that of ${radios} for good$`,
          ),
        ],
      },
    }),
  ),
  ...(
    [
      ['a second wpa_supplicant beside that of NetworkManager', MANAGED, ''],
      [
        'the same, and NetworkManager cannot take the radio from it',
        TAMED,
        'sudo systemctl restart wpa_supplicant; ',
      ],
    ] as const
  ).map(
    ([what, state, release]): Case => ({
      what,
      facts: having.supplicant(
        { processes: [PROCESS, { ...PROCESS, pid: 500, unit: 'wpa_supplicant', started: [] }] },
        manager(['interface-name:p2p-*'], state),
      ),
      finds: {
        ...(state === MANAGED ? REMOVES : {}),
        'second-supplicant': [
          'error',
          /pid 300 and 500/,
          new RegExp(
            `^sudo systemctl disable --now wpa_supplicant@wlan0; sudo systemctl restart wpa_supplicant; or to keep that one: printf .*interface-name:wlan0;.* restart NetworkManager; ${release}this ends .* that of wlan0 for good$`,
          ),
        ],
      },
    }),
  ),
  {
    what: 'NetworkManager that manages the radio, although its lists say otherwise',
    facts: manager(['interface-name:p2p-*', 'interface-name:wlan0'], MANAGED),
    finds: REMOVES,
  },
  {
    what: 'NetworkManager that does not answer: its lists show that it manages the radio',
    facts: manager(['interface-name:p2p-*'], { states: { missing: 'nmcli did not end within 10 s' } }),
    finds: REMOVES,
  },
  {
    what: 'NetworkManager that does not answer, and whose lists leave the radio alone',
    facts: manager(['interface-name:p2p-*', 'interface-name:wlan0'], {
      states: { missing: 'nmcli did not end within 10 s' },
    }),
    finds: {},
  },
  {
    what: 'NetworkManager that manages the radio and the groups: one finding',
    facts: manager([], MANAGED),
    finds: REMOVES,
  },
  {
    what: 'NetworkManager that manages the radio, and may not remove groups',
    facts: manager(['interface-name:p2p-*'], TAMED),
    finds: {},
  },
  {
    what: 'NetworkManager that may not remove groups, but manages them',
    facts: manager([], TAMED),
    finds: TAKES,
  },
  {
    what: 'NetworkManager that changes addresses',
    facts: manager(['interface-name:p2p-*'], { ...TAMED, fixedAddress: [] }),
    finds: RANDOM,
  },
  {
    what: 'NetworkManager that changes addresses, except those of other drivers',
    facts: manager(['interface-name:p2p-*'], {
      ...TAMED,
      fixedAddress: [{ devices: ['driver:wl'], value: true }],
    }),
    finds: RANDOM,
  },
  {
    what: 'NetworkManager that changes addresses of this driver, by a section before that of all devices',
    facts: manager(['interface-name:p2p-*'], {
      ...TAMED,
      fixedAddress: [
        { devices: ['driver:brcmfmac'], value: false },
        { devices: ['*'], value: true },
      ],
    }),
    finds: RANDOM,
  },
  {
    what: 'NetworkManager that does not change the address of this driver',
    facts: manager(['interface-name:p2p-*'], {
      ...TAMED,
      fixedAddress: [
        { devices: ['driver:wl'], value: true },
        { devices: ['driver:brcmfmac'], value: true },
      ],
    }),
    finds: {},
  },
  {
    what: 'NetworkManager that has nothing to do with the radio',
    facts: manager(['interface-name:p2p-*'], { fixedAddress: [] }),
    finds: {},
  },
  { what: 'dhcpcd for everything', facts: dhcpcd([]), finds: ASKS },
  { what: 'dhcpcd that leaves others alone', facts: dhcpcd(['eth0', 'wlan*']), finds: ASKS },
  { what: 'dhcpcd that leaves groups alone', facts: dhcpcd(['p2p-*']), finds: {} },
  { what: 'dhcpcd for one interface', facts: dhcpcd([], ['eth0']), finds: {} },
  { what: 'dhcpcd for what begins with p', facts: dhcpcd([], ['p*']), finds: ASKS },
  {
    what: 'dhcpcd that gives a group the intended address',
    facts: withBlock({ staticAddress: '192.168.49.1/24' }),
    finds: {},
    tells: { dhcpcd: ['ok', /gives p2p-wlan0-0 the address 192\.168\.49\.1\/24/] },
  },
  {
    what: 'the same for all groups',
    facts: withBlock({ pattern: 'p2p-*', staticAddress: '10.0.0.1' }),
    finds: {},
  },
  {
    what: 'dhcpcd that gives another interface its address',
    facts: withBlock({ pattern: 'eth0', staticAddress: '10.0.0.1' }),
    finds: ASKS,
  },
  {
    what: 'dhcpcd that requests no address on groups',
    facts: withBlock({ withoutDhcp: true }),
    finds: {},
    tells: { dhcpcd: ['ok', /requests no address on p2p-wlan0-0/] },
  },
  {
    what: 'dhcpcd with a block for groups that says nothing about addresses',
    facts: withBlock({}),
    finds: ASKS,
  },
  {
    what: 'dhcpcd with the intended address, and denyinterfaces for the group',
    facts: withBlock({ staticAddress: '10.0.0.1' }, ['p2p-*']),
    finds: {
      dhcpcd: ['warning', /10\.0\.0\.1 for p2p-wlan0-0, but dhcpcd ignores/, /out of denyinterfaces/],
    },
  },
  {
    what: 'another dnsmasq that has the DHCP port on all interfaces',
    facts: having.addressing(
      { addressing: 'dnsmasq' },
      { portOwners: [portOwner({}), portOwner({ port: 53 })] },
    ),
    finds: {
      addressing: [
        'error',
        /^dnsmasq \(pid 812\) has UDP port 67 on all interfaces, so dnsmasq cannot/,
        /bind-dynamic\\nexcept-interface=p2p-\*.*hostp2pd\.conf; sudo systemctl restart dnsmasq$/,
      ],
    },
  },
  {
    what: 'no DHCP server: neither hostp2pd nor another one on this machine',
    facts: having.addressing({ addressing: 'none' }, { networkdRuns: false, portOwners: [] }),
    finds: {},
    tells: { addressing: ['ok', /no DHCP server runs on this machine/] },
  },
  {
    what: 'no addresses from hostp2pd, but another DHCP server',
    facts: having.addressing({ addressing: 'none' }, { networkdRuns: false, portOwners: [portOwner({})] }),
    finds: {},
    tells: { addressing: ['ok', /^hostp2pd gives no addresses \(addressing: none\)$/] },
  },
  {
    what: 'the same with systemd-networkd',
    facts: having.addressing({ addressing: 'networkd' }, { networkdRuns: true, portOwners: [portOwner({})] }),
    finds: { addressing: ['error', /so networkd cannot/, /bind-dynamic/] },
  },
  {
    what: 'DHCP servers that allow others on the port',
    facts: having.addressing({ addressing: 'dnsmasq' }, { portOwners: [portOwner({ shares: true })] }),
    finds: {},
  },
  {
    what: 'another DHCP server on the interface of the group',
    facts: having.addressing(
      { addressing: 'dnsmasq' },
      { groupServers: [{ interface: 'p2p-wlan0-0', name: 'kea-dhcp4', pid: 77 }] },
    ),
    finds: {
      addressing: [
        'warning',
        /^kea-dhcp4 \(pid 77\) gives addresses on p2p-wlan0-0, so hostp2pd does not$/,
        /^set addressing to none, so that hostp2pd leaves the addresses to it$/,
      ],
    },
  },
  {
    what: 'another dnsmasq, and hostp2pd gives no addresses',
    facts: having.addressing({}, { portOwners: [portOwner({})] }),
    finds: {},
  },
  {
    what: 'another program that has the DHCP port',
    facts: having.addressing(
      { addressing: 'dnsmasq' },
      { portOwners: [portOwner({ name: 'udhcpd', shares: null })] },
    ),
    finds: { addressing: ['warning', /^udhcpd \(pid 812\) .* may keep dnsmasq/, /its own interfaces only/] },
  },
  {
    what: 'a hidden program that has the DHCP port',
    facts: having.supplicant({ visible: false }, HAS_PORT),
    finds: { addressing: ['warning', /^another program has UDP port 67/, /as root/] },
  },
  {
    what: 'the DHCP port of a program that has just been started, which root does not see yet',
    facts: HAS_PORT,
    finds: {},
  },
  {
    what: 'a resolver that has the DNS port, if dnsmasq has to resolve names',
    facts: having.addressing(
      { addressing: 'dnsmasq', announce_router: true },
      { forwards: true, portOwners: [portOwner({ port: 53, name: 'unbound', shares: null })] },
    ),
    finds: { addressing: ['error', /^unbound \(pid 812\) has port 53/, /announce_router to false/] },
  },
  {
    what: 'the same, if it has to because the internet is shared',
    facts: having.addressing(
      { addressing: 'dnsmasq', share_internet: 'auto' },
      { sharing: SHARES, portOwners: [portOwner({ port: 53, name: 'unbound', shares: null })] },
    ),
    finds: { addressing: ['error', /^unbound \(pid 812\) has port 53/, /share_internet to off/] },
  },
  {
    what: 'the same if it does not have to',
    facts: having.addressing(
      { addressing: 'dnsmasq' },
      { portOwners: [portOwner({ port: 53, name: 'unbound', shares: null })] },
    ),
    finds: {},
  },
  {
    what: 'an address of dhcpcd, and one of ours',
    facts: having.settings({ addressing: 'dnsmasq' }, withBlock({ staticAddress: '10.0.0.1' })),
    finds: {
      dhcpcd: ['warning', /both give p2p-wlan0-0 an address/, /delete the block "interface p2p-wlan0-0"/],
    },
  },
  {
    what: 'a wpa_supplicant that the hook of dhcpcd started on a group',
    facts: { ...dhcpcd(['p2p-*']), supplicant: { ...HEALTHY.supplicant, processes: [PROCESS, ON_GROUP] } },
    finds: {
      'second-supplicant': [
        'error',
        /pid 777\) was started on p2p-wlan0-0/,
        /^sudo kill 777; .*denyinterfaces/,
      ],
    },
  },
  {
    what: 'the same, if dhcpcd gives the group its address',
    facts: {
      ...withBlock({ staticAddress: '10.0.0.1' }),
      supplicant: { ...HEALTHY.supplicant, processes: [PROCESS, ON_GROUP] },
    },
    finds: {
      'second-supplicant': [
        'error',
        /on p2p-wlan0-0/,
        /"nohook wpa_supplicant" below "interface p2p-wlan0-0"/,
      ],
    },
  },
  {
    what: 'the same, started by another program',
    facts: having.supplicant({ processes: [PROCESS, ON_GROUP] }),
    finds: { 'second-supplicant': ['error', /on p2p-wlan0-0/, /find out what started it/] },
  },
  { what: 'udev as systemd ships it', facts: udev(), finds: RENEWS },
  { what: 'udev with no file at all', facts: having.services({ udev: { linkFiles: [] } }), finds: {} },
  ...[
    { OriginalName: ['eth*'] },
    { OriginalName: ['!p2p-*', 'eth0'] },
    { Type: ['ether'] },
    { Type: ['!wlan'] },
    { Driver: ['r8169'] },
    { OriginalName: ['p2p-*'], Driver: ['rtl*'] },
    { PermanentMACAddress: ['02:00:00:00:00:00'] },
    { OriginalName: ['p2p-*'], Path: ['*-usb-*'] },
  ].map(
    (conditions): Case => ({
      what: `udev, a file for others: ${JSON.stringify(conditions)}`,
      facts: udev(link({ conditions })),
      finds: RENEWS,
    }),
  ),
  ...[
    {},
    { OriginalName: ['*'] },
    { OriginalName: ['eth0', 'p2p-wlan?-*'] },
    { OriginalName: ['!eth*'] },
    { Type: ['ether', 'wl*'] },
    { Driver: ['brcm*'], Type: ['!ether'] },
  ].map(
    (conditions): Case => ({
      what: `udev, a file that covers groups: ${JSON.stringify(conditions)}`,
      facts: udev(link({ conditions })),
      finds: {},
    }),
  ),
  {
    what: 'udev: only the first matching file counts',
    facts: udev(link({ path: '/etc/systemd/network/05-mine.link', policy: 'random' }), link({})),
    finds: {
      'link-policy': ['warning', /MACAddressPolicy=random/, /^set MACAddressPolicy=none in \/etc.*05-mine/],
    },
  },
  {
    what: 'no log',
    facts: having.files({ log: null }),
    finds: {},
    tells: { 'log-file': ['ok', /no log file is set/] },
  },
  {
    what: 'a log in a folder without write permission',
    facts: having.files({
      log: { file: '/srv/a/b.log', folder: place('/srv/a', false, '/srv'), blocked: false },
    }),
    finds: { 'log-file': ['warning', /\/srv\/a\/b\.log cannot be created in \/srv$/, /logging\.file/] },
  },
  {
    what: 'a log that is a device',
    facts: having.files({ log: { file: '/dev/null', folder: place('/dev'), blocked: true } }),
    finds: { 'log-file': ['warning', /is not a file/, /or to null/] },
  },
  {
    what: 'a recording in a folder without write permission',
    facts: having.files({
      recording: { file: '/srv/a/b.jsonl', folder: place('/srv/a', false), blocked: false },
    }),
    finds: { recording: ['warning', /\/srv\/a\/b\.jsonl cannot be created in \/srv\/a$/, /^set record to/] },
  },
  {
    what: 'a recording',
    facts: having.files({ recording: { file: '/srv/b.jsonl', folder: place('/srv'), blocked: false } }),
    finds: {},
    tells: { recording: ['ok', /^\/srv\/b\.jsonl$/] },
  },
  {
    what: 'no folder for the PID file',
    facts: having.files({ pidFolder: 'XDG_RUNTIME_DIR is not set' }),
    finds: { 'pid-file': ['warning', /XDG_RUNTIME_DIR is not set/, /as root/] },
  },
  {
    what: 'a PID file that cannot be written',
    facts: having.files({ pidFolder: place('/var/run', false) }),
    finds: { 'pid-file': ['error', /\/var\/run is not writable/, /as root/] },
  },
  {
    what: 'a state folder that cannot be created',
    facts: having.files({ stateFolder: place('/var/lib/hostp2pd', false, '/var/lib') }),
    finds: { 'state-folder': ['warning', /cannot be created in \/var\/lib$/, /state_folder/] },
  },
  {
    what: 'a folder for sockets that cannot be written',
    facts: having.files({ runtimeFolder: place('/run/hostp2pd', false) }),
    finds: { 'runtime-folder': ['error', /\/run\/hostp2pd is not writable/, /XDG_RUNTIME_DIR/] },
  },
  { what: 'a hook that can be run', facts: hook({}), finds: {}, tells: { hook: ['ok', /^\/etc\/hook$/] } },
  {
    what: 'a hook that does not exist',
    facts: hook({ kind: 'missing' }),
    finds: { hook: ['error', /\/etc\/hook cannot be run: there is no such file/, /correct run_program/] },
  },
  {
    what: 'a hook with arguments',
    facts: hook({ kind: 'missing', program: '/etc/hook -v', hasArguments: true }),
    finds: {
      hook: [
        'error',
        /\/etc\/hook -v cannot be run/,
        /takes no arguments: put "\/etc\/hook -v" into a script/,
      ],
    },
  },
  {
    what: 'a script as a hook that its user may not read',
    facts: hook({ readable: false }),
    finds: { hook: ['error', /may not read it/, /^chmod \+r '\/etc\/hook'$/] },
  },
  {
    what: 'a hook in a folder that its user may not enter',
    facts: hook({ kind: 'hidden' }),
    finds: { hook: ['error', /may not enter a folder/, /move the program/] },
  },
  {
    what: 'a FIFO as a hook',
    facts: hook({ kind: 'other' }),
    finds: { hook: ['error', /not a regular file/, /name a program/] },
  },
  {
    what: 'a hook that is not in PATH',
    facts: hook({ kind: 'missing', program: 'hook.sh' }),
    finds: { hook: ['error', /hook\.sh cannot be run: it is not in PATH/, /full path/] },
  },
  {
    what: 'a folder as a hook',
    facts: hook({ kind: 'folder' }),
    finds: { hook: ['error', /is a folder/, /name the program/] },
  },
  {
    what: 'a hook that may not be executed',
    facts: hook({ executable: false }),
    finds: { hook: ['error', /may not be executed/, /^sudo chmod \+x '\/etc\/hook'$/] },
  },
  {
    what: 'a hook without its interpreter',
    facts: hook({ missingInterpreter: '/bin/python' }),
    finds: { hook: ['error', /does not exist: \/bin\/python$/, /correct that line/] },
  },
  {
    what: 'a hook from Windows',
    facts: hook({ missingInterpreter: '/bin/sh\r' }),
    finds: { hook: ['error', /carriage return/, /sed -i/] },
  },
  {
    what: 'a PIN module that can be read',
    facts: having.files({ pinModule: { path: '/etc/pins.js', readable: true } }),
    finds: {},
  },
  {
    what: 'a PIN module that cannot be read',
    facts: having.files({ pinModule: { path: '/etc/pins.js', readable: false } }),
    finds: { 'pin-module': ['error', /\/etc\/pins\.js cannot be read/, /chmod/] },
  },
  {
    what: 'addresses by dnsmasq, which is installed',
    facts: having.addressing({ addressing: 'dnsmasq' }),
    finds: {},
  },
  {
    what: 'addresses by dnsmasq, which is not installed; systemd-networkd runs',
    facts: having.addressing(
      { addressing: 'dnsmasq' },
      { networkdRuns: true, programs: { dnsmasq: null, ip: '/usr/sbin/ip' } },
    ),
    finds: {
      addressing: [
        'error',
        /^dnsmasq, .* not installed$/,
        /^sudo apt-get install -y dnsmasq-base; or set addressing to networkd$/,
      ],
    },
  },
  {
    what: 'addresses by dnsmasq, which is not installed',
    facts: having.addressing({ addressing: 'dnsmasq' }, { programs: { dnsmasq: null, ip: null } }),
    finds: {
      addressing: ['error', /^dnsmasq, .* not installed/, /^sudo apt-get install -y dnsmasq-base iproute2$/],
    },
  },
  {
    what: 'addresses by systemd-networkd, which is not running',
    facts: having.addressing({ addressing: 'networkd' }),
    finds: { addressing: ['error', /does not run/, /systemctl enable --now systemd-networkd/] },
  },
  {
    what: 'addresses by systemd-networkd, which runs',
    facts: having.addressing({ addressing: 'networkd' }, { networkdRuns: true }),
    finds: {},
  },
  {
    what: 'addresses in a network that another interface uses',
    facts: having.addressing({ addressing: 'dnsmasq' }, { conflict: 'eth0 (192.168.49.7/24)' }),
    finds: {
      addressing: ['error', /is in the network of eth0 \(192\.168\.49\.7\/24\)/, /set group_address/],
    },
  },
  {
    what: 'a router that forwards nothing',
    facts: having.addressing({ addressing: 'dnsmasq', announce_router: true }),
    finds: { addressing: ['warning', /forwards no packets/, /ip_forward=1/] },
  },
  {
    what: 'a router that forwards',
    facts: having.addressing({ addressing: 'dnsmasq', announce_router: true }, { forwards: true }),
    finds: {},
  },
  {
    what: 'a shared internet connection',
    facts: having.addressing({ addressing: 'dnsmasq', share_internet: 'auto' }, { sharing: SHARES }),
    finds: {},
    tells: { 'share-internet': ['ok', /^phones can use the internet connection of eth0$/] },
  },
  {
    what: 'the internet is to be shared without nft',
    facts: sharing({ nft: null }),
    finds: { 'share-internet': ['error', /^nft, .* not installed/, /^sudo apt-get install -y nftables$/] },
  },
  {
    what: 'the internet is to be shared without a route to it',
    facts: sharing({ uplink: null }),
    finds: { 'share-internet': ['warning', /has no route to the internet/, /connect it/] },
  },
  {
    what: 'the internet is to be shared over an interface that does not exist',
    facts: sharing({ uplink: null }, 'eth7'),
    finds: { 'share-internet': ['error', /^there is no interface eth7/, /share_internet to auto/] },
  },
  {
    what: 'a container in which forwarding cannot be switched on',
    facts: sharing({ canForward: false }),
    finds: { 'share-internet': ['error', /cannot be switched on for eth0/, /ip_forward=1/] },
  },
  {
    what: 'a firewall in the way of a shared connection',
    facts: sharing({ blockers: [{ text: 'ufw drops it', fix: 'sudo ufw route allow x' }] }),
    finds: { 'share-internet': ['warning', /^ufw drops it$/, /^sudo ufw route allow x$/] },
  },
  {
    what: 'firewalls that an unprivileged user cannot see',
    facts: sharing({ blockers: { missing: 'nft -j list chains: Operation not permitted' } }),
    finds: {},
    tells: { 'share-internet': ['unknown', /Operation not permitted$/] },
  },
  {
    what: 'missing programs for addresses do not matter with addressing none',
    facts: having.addressing(
      {},
      { programs: { dnsmasq: null, ip: null }, conflict: 'eth0 (192.168.49.7/24)' },
    ),
    finds: {},
  },
  {
    what: 'addresses that an unprivileged user cannot give',
    facts: asUser(having.addressing({ addressing: 'dnsmasq' })),
    finds: { addressing: ['warning', /pi may not give/, /run hostp2pd as root/] },
  },
  { what: 'nothing at all', facts: HEALTHY, finds: {} },
];
