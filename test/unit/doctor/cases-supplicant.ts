import type { DeviceFile, Facts, StartedInterface, SupplicantProcess } from '#src/doctor/facts.js';
import { escapeRegExp } from '#src/system/values.js';
import type { Case } from './case.js';
import {
  asUser,
  HEALTHY,
  having,
  PROCESS,
  REPORTED,
  socket,
  unanswered,
  WITHOUT_SUPPLICANT,
} from './healthy.js';

const STALE = { code: 'CONTROL_UNAVAILABLE' } as const;
const SILENT = { code: 'CONTROL_TIMEOUT' } as const;
const DENIED = { code: 'CONTROL_DENIED' } as const;

/** As Debian's service and NetworkManager run it. */
const SERVICE: SupplicantProcess = { ...PROCESS, started: [] };
/** Another one, of which only the command line is known. */
const SECOND: SupplicantProcess = { ...PROCESS, pid: 400, sockets: [] };

const OF_IFUPDOWN =
  'take the lines wpa-… of wlan0 out of /etc/network/interfaces, as "With neither" in install.md shows; sudo kill 500';
const KILL_SECOND = 'sudo kill 500';
const OF_DHCPCD =
  'write "nohook wpa_supplicant" below "interface wlan0" at the end of /etc/dhcpcd.conf; sudo kill 500';

const withoutFolder = (process: SupplicantProcess) =>
  unanswered(
    having.supplicant(
      { processes: [process] },
      having.control({ state: 'missing', owner: null, sockets: [] }),
    ),
  );

const NO_DEVICE = Array.isArray(HEALTHY.radios.inUse)
  ? HEALTHY.radios.inUse.filter(({ name }) => name !== null)
  : [];

/** Its control folder exists and is empty. */
const emptyFolder = (process: SupplicantProcess, changes: Partial<Facts['radios']> = {}) =>
  unanswered(
    having.supplicant({ processes: [process] }, having.radios(changes, having.control({ sockets: [] }))),
  );

const started = (changes: Partial<StartedInterface>): SupplicantProcess => ({
  ...PROCESS,
  sockets: [],
  started: PROCESS.started.map((one) => ({ ...one, ...changes })),
});

const OWN_FILE: DeviceFile = {
  path: '/etc/p.conf',
  controlInterface: 'DIR=/run/wpa_supplicant GROUP=netdev',
  override: 'DIR=/run/wpa_supplicant GROUP=netdev',
};

export const supplicantCases: readonly Case[] = [
  {
    what: 'no wpa_supplicant: one error, and "unknown" for the checks that depend on it',
    facts: WITHOUT_SUPPLICANT,
    finds: {
      'supplicant-running': [
        'error',
        /does not run/,
        /^sudo hostp2pd setup; or write .*wpa_supplicant-wlan0\.conf as install\.md shows, then sudo systemctl enable --now wpa_supplicant@wlan0$/,
      ],
    },
    tells: {
      'control-folder': ['unknown', /no wpa_supplicant runs/],
      'control-socket': ['unknown', /does not exist/],
      'p2p-device': ['unknown', /does not answer/],
      country: ['unknown', /does not answer/],
      'supplicant-version': ['unknown', /version/],
      'update-config': ['unknown', /update_config/],
      'random-address': ['unknown', /does not answer/],
    },
  },
  {
    what: 'no wpa_supplicant, because ifupdown has not connected the radio',
    facts: having.services({ ifupdown: { wpa: ['wlan0'], wireless: [] } }, WITHOUT_SUPPLICANT),
    finds: { 'supplicant-running': ['error', /does not run/, /^sudo ifup --force wlan0$/] },
  },
  {
    what: 'wpa_supplicant is not installed',
    facts: having.supplicant({ program: null }, WITHOUT_SUPPLICANT),
    finds: { 'supplicant-running': ['error', /not installed/, /^sudo apt-get install -y wpasupplicant$/] },
  },
  {
    what: 'processes of other users are hidden',
    facts: having.supplicant({ visible: false }, WITHOUT_SUPPLICANT),
    finds: {},
    tells: {
      'supplicant-running': ['unknown', /hidden/],
      'second-supplicant': ['unknown', /hidden/],
    },
  },
  {
    what: 'wpa_supplicant is hidden, but it answers',
    facts: having.supplicant({ visible: false, processes: [] }),
    finds: {},
    tells: { 'supplicant-running': ['ok', /answers/], 'update-config': ['unknown', /not known/] },
  },
  {
    what: 'no process of wpa_supplicant, but one listens on its sockets and does not answer',
    facts: having.supplicant(
      { processes: [], readyUnits: ['wpa_supplicant@wlan0'] },
      unanswered(having.control({ sockets: [socket('wlan0', SILENT)] })),
    ),
    finds: { 'control-socket': ['error', /does not answer/, /./] },
    tells: { 'supplicant-running': ['unknown', /a program listens on its sockets/] },
  },
  {
    what: 'another wpa_supplicant, whose sockets an unprivileged user cannot see',
    facts: asUser(having.supplicant({ processes: [PROCESS, { ...SERVICE, pid: 500, sockets: null }] })),
    finds: {},
    tells: { 'second-supplicant': ['unknown', /pid 500\) are hidden; run the doctor as root/] },
  },
  {
    what: 'a P2P device that has not answered yet is no fault of Wi-Fi Direct',
    facts: having.device(
      {
        name: null,
        address: null,
        reported: { missing: 'wpa_supplicant does not answer for p2p-dev-wlan0' },
      },
      having.control({ sockets: [socket('p2p-dev-wlan0', SILENT), socket('wlan0')] }),
    ),
    finds: { 'control-socket': ['error', /p2p-dev-wlan0 does not answer/, /./] },
    tells: {
      'p2p-device': ['unknown', /does not answer for p2p-dev-wlan0/],
      'interface-name': ['unknown', /does not answer for p2p-dev-wlan0/],
    },
  },
  {
    what: 'events that could not be tested',
    facts: having.control({ heldBack: [{ name: 'wlan0', reason: { missing: 'it does not reply' } }] }),
    finds: {},
    tells: { 'control-events': ['unknown', /wlan0: whether events arrive could not be tested: it does not/] },
  },
  {
    what: 'an old wpa_supplicant',
    facts: having.reported({ version: '2.6' }),
    finds: { 'supplicant-version': ['warning', /2\.6 is too old/, /2\.7 or later/] },
  },
  ...['2.7', '2.10', '2.11-devel', 'v2.9-foo', 'android'].map(
    (version): Case => ({ what: `version ${version}`, facts: having.reported({ version }), finds: {} }),
  ),
  {
    what: 'two wpa_supplicants on the radio, by their command lines',
    facts: having.supplicant({ processes: [PROCESS, SECOND] }),
    finds: {
      'second-supplicant': ['error', /2 wpa_supplicants serve wlan0 \(pid 300 and 400\)/, /kill 400/],
    },
  },
  {
    what: 'two wpa_supplicants on the radio, one of them over D-Bus',
    facts: having.supplicant({ processes: [PROCESS, { ...SERVICE, pid: 500 }] }),
    finds: {
      'second-supplicant': [
        'error',
        /pid 300 and 500/,
        /^sudo kill 500; or to keep that one: sudo kill 300; sudo systemctl restart wpa_supplicant@wlan0$/,
      ],
    },
  },
  ...(
    [
      ['wpa_supplicant-nl80211@wlan0', 'sudo systemctl disable --now wpa_supplicant-nl80211@wlan0'],
      // What else these units do is unknown, or is the network of the machine.
      ['other', KILL_SECOND],
      ['other@wlan1', KILL_SECOND],
      ['wpa_supplicant', KILL_SECOND],
    ] as const
  ).map(
    ([unit, fix]): Case => ({
      what: `two wpa_supplicants on the radio, one of the unit ${unit}`,
      facts: having.supplicant({ processes: [PROCESS, { ...SERVICE, pid: 500, unit }] }),
      finds: {
        'second-supplicant': [
          'error',
          /pid 300 and 500/,
          new RegExp(
            `^${escapeRegExp(fix)}; or to keep that one: sudo systemctl disable --now wpa_supplicant@wlan0; sudo systemctl restart ${unit}$`,
          ),
        ],
      },
    }),
  ),
  ...['dhcpcd', 'dhcpcd@wlan0'].map(
    (unit): Case => ({
      what: `two wpa_supplicants on the radio, one of the unit ${unit}: that one has the home network`,
      facts: having.supplicant({ processes: [PROCESS, { ...SERVICE, pid: 500, unit }] }),
      finds: {
        'second-supplicant': [
          'error',
          /pid 300 and 500/,
          new RegExp(
            `^sudo systemctl disable --now wpa_supplicant@wlan0; sudo systemctl restart ${unit}; this ends the connections of dhcpcd for some seconds; or to keep that one: ${escapeRegExp(OF_DHCPCD)}$`,
          ),
        ],
      },
    }),
  ),
  // Of a login, if somebody has called ifup.
  ...['networking', 'ifup@wlan0', null].map(
    (unit): Case => ({
      what: `two wpa_supplicants on the radio, one of ifupdown, in the unit ${unit}`,
      facts: having.supplicant({ processes: [PROCESS, { ...PROCESS, pid: 500, unit, ofIfupdown: true }] }),
      finds: {
        'second-supplicant': [
          'error',
          /pid 300 and 500/,
          new RegExp(
            `^sudo systemctl disable --now wpa_supplicant@wlan0; sudo ifdown wlan0; sudo ifup wlan0; or to keep that one: ${escapeRegExp(OF_IFUPDOWN)}$`,
          ),
        ],
      },
    }),
  ),
  {
    what: 'the idle service of Debian beside the one of the radio is no second wpa_supplicant',
    facts: having.supplicant({ processes: [PROCESS, { ...SERVICE, pid: 500, sockets: [] }] }),
    finds: {},
  },
  {
    what: 'a wpa_supplicant of another interface is no second one',
    facts: having.supplicant({
      processes: [
        PROCESS,
        {
          ...SECOND,
          started: [
            {
              name: 'eth0',
              configFile: null,
              controlInterface: null,
              configUnreadable: false,
              persistentAddress: null,
              networks: [],
              deviceFile: null,
            },
          ],
        },
      ],
    }),
    finds: {},
  },
  {
    what: 'update_config without a configuration file',
    facts: having.supplicant({ processes: [SERVICE] }),
    finds: {
      'update-config': [
        'warning',
        /cannot save anything/,
        /^set save_config_enabled to false .* config_parms; sudo systemctl restart wpa_supplicant@wlan0; or/,
      ],
    },
  },
  {
    what: 'the same, with a version that crashes',
    facts: having.supplicant({ processes: [SERVICE] }, having.reported({ version: '2.9' })),
    finds: { 'update-config': ['error', /version 2\.9 crashes/, /start wpa_supplicant with -c FILE/] },
  },
  {
    what: 'config_parms that will set it',
    facts: having.supplicant(
      { processes: [SERVICE] },
      having.settings({ config_parms: { update_config: '1' } }, having.reported({ updateConfig: '0' })),
    ),
    finds: { 'update-config': ['warning', /without a configuration file/, /out of config_parms; or/] },
  },
  {
    what: 'no file, and nothing is to be saved',
    facts: having.supplicant({ processes: [SERVICE] }, having.reported({ updateConfig: '0' })),
    finds: {},
  },
  {
    what: 'no control folder: its sockets are elsewhere',
    facts: withoutFolder({ ...PROCESS, sockets: ['/run/other/wlan0'] }),
    finds: { 'control-folder': ['error', /does not exist/, /set ctrl_interface to \/run\/other /] },
  },
  {
    what: 'no control folder: the configuration file names another',
    facts: withoutFolder({
      ...PROCESS,
      sockets: [],
      started: [
        {
          name: 'wlan0',
          configFile: '/etc/w.conf',
          controlInterface: 'DIR=/run/x GROUP=netdev',
          configUnreadable: false,
          persistentAddress: null,
          networks: [],
          deviceFile: null,
        },
      ],
    }),
    finds: { 'control-folder': ['error', /elsewhere/, /"DIR=\/run\/x GROUP=netdev"/] },
  },
  {
    what: 'no control folder: the configuration file names none',
    facts: withoutFolder({
      ...PROCESS,
      sockets: [],
      started: [
        {
          name: 'wlan0',
          configFile: '/etc/w.conf',
          controlInterface: null,
          configUnreadable: false,
          persistentAddress: null,
          networks: [],
          deviceFile: null,
        },
      ],
    }),
    finds: { 'control-folder': ['error', /or none/, /GROUP=netdev" into \/etc\/w\.conf/] },
  },
  {
    what: 'no control folder: a service without one',
    facts: withoutFolder({ ...SERVICE, unit: null, sockets: [] }),
    finds: { 'control-folder': ['error', /or none/, /-O "DIR=\/run\/wpa_supplicant GROUP=netdev"/] },
  },
  {
    what: 'a folder for a group in which the user is not',
    facts: asUser(unanswered(having.control({ state: 'denied', sockets: [] }))),
    finds: {
      'control-permission': ['error', /denied for pi; access is for group netdev/, /usermod -aG netdev pi/],
    },
    tells: { 'control-socket': ['unknown', /cannot be read/] },
  },
  {
    what: 'a group that the user was added to after the login',
    facts: asUser(
      unanswered(
        having.control({
          state: 'denied',
          sockets: [],
          owner: { user: 'root', group: 'netdev', needsLogin: true },
        }),
      ),
    ),
    finds: { 'control-permission': ['error', /group netdev/, /log in again/] },
  },
  {
    what: 'a folder for root alone',
    facts: asUser(
      unanswered(
        having.control({
          state: 'denied',
          sockets: [],
          owner: { user: 'root', group: null, needsLogin: false },
        }),
      ),
    ),
    finds: { 'control-permission': ['error', /only root has access/, /GROUP=netdev/] },
  },
  {
    what: 'a folder for root alone, as netplan writes it',
    facts: having.supplicant(
      { processes: [{ ...PROCESS, unit: 'netplan-wpa-wlan0' }] },
      asUser(
        unanswered(
          having.control({
            state: 'denied',
            sockets: [],
            owner: { user: 'root', group: null, needsLogin: false },
          }),
        ),
      ),
    ),
    finds: { 'control-permission': ['error', /how netplan sets it up/, /^run hostp2pd as root$/] },
  },
  {
    what: 'a folder that cannot be examined',
    facts: asUser(unanswered(having.control({ state: 'denied', sockets: [], owner: null }))),
    finds: { 'control-permission': ['error', /denied/, /as root/] },
  },
  {
    what: 'an accessible folder with sockets that are not',
    facts: asUser(
      unanswered(having.control({ sockets: [socket('p2p-dev-wlan0', DENIED), socket('wlan0', DENIED)] })),
    ),
    finds: { 'control-permission': ['error', /wpa_supplicant\/p2p-dev-wlan0: permission/, /usermod/] },
    tells: { 'control-socket': ['unknown', /permission denied for all/] },
  },
  {
    what: 'a user with permission',
    facts: asUser(HEALTHY),
    finds: {},
    tells: { 'control-permission': ['ok', /pi has access/] },
  },
  {
    what: 'an empty folder, and a service that serves no interface',
    facts: emptyFolder({ ...SERVICE, unit: 'wpa_supplicant', sockets: [] }, { inUse: NO_DEVICE }),
    finds: { 'control-socket': ['error', /serves no interface/, /enable --now wpa_supplicant@wlan0$/] },
  },
  {
    what: 'the same if another unit is ready',
    facts: having.supplicant(
      { readyUnits: ['netplan-wpa-wlan0'] },
      emptyFolder({ ...SERVICE, unit: 'wpa_supplicant', sockets: [] }, { inUse: NO_DEVICE }),
    ),
    finds: { 'control-socket': ['error', /./, /^sudo systemctl start netplan-wpa-wlan0$/] },
  },
  {
    what: 'an empty folder, and sockets elsewhere (-C)',
    facts: emptyFolder({ ...PROCESS, sockets: ['/run/other/wlan0', '/run/other/p2p-dev-wlan0'] }),
    finds: { 'control-socket': ['error', /no socket in/, /^set ctrl_interface to \/run\/other /] },
  },
  {
    what: 'an empty folder, and a configuration file that names another',
    facts: emptyFolder(started({ controlInterface: 'DIR=/run/x GROUP=netdev' })),
    finds: {
      'control-socket': ['error', /no socket in/, /set ctrl_interface to "DIR=\/run\/x GROUP=netdev"/],
    },
  },
  {
    what: 'an empty folder, and a configuration file that names none (-g alone)',
    facts: emptyFolder({ ...started({ controlInterface: null }), sockets: ['/run/wpa-global'] }),
    finds: {
      'control-socket': [
        'error',
        /no socket in/,
        /write "ctrl_interface=.* into .*; sudo systemctl restart wpa_su/,
      ],
    },
  },
  {
    what: 'the same, with a wpa_supplicant of ifupdown: the rest of the network stays up',
    facts: emptyFolder({
      ...started({ controlInterface: null }),
      sockets: ['/run/wpa-global'],
      unit: 'networking',
      ofIfupdown: true,
    }),
    finds: { 'control-socket': ['error', /./, /into \S+; sudo ifdown wlan0; sudo ifup wlan0$/] },
  },
  {
    what: 'the same, with a wpa_supplicant of dhcpcd: what its restart ends',
    facts: emptyFolder({
      ...started({ controlInterface: null }),
      sockets: ['/run/wpa-global'],
      unit: 'dhcpcd',
    }),
    finds: {
      'control-socket': [
        'error',
        /./,
        /; sudo systemctl restart dhcpcd; this ends the connections of dhcpcd /,
      ],
    },
  },
  {
    what: 'an empty folder, and neither a file nor an option',
    facts: emptyFolder(started({ controlInterface: null, configFile: null })),
    finds: { 'control-socket': ['error', /no socket in/, /start wpa_supplicant \(pid 300\) with -C/] },
  },
  {
    what: 'an empty folder, and a configuration file that may not be read',
    facts: asUser(emptyFolder(started({ controlInterface: null, configUnreadable: true }))),
    finds: { 'control-socket': ['error', /no socket in/, /run the doctor as root/] },
  },
  {
    what: 'an empty folder, and a wpa_supplicant that was to make its sockets there',
    facts: emptyFolder(started({ controlInterface: '/var/run/wpa_supplicant' })),
    finds: {
      'control-socket': ['error', /no socket in/, /log of wpa_supplicant.*restart wpa_supplicant@wlan0$/],
    },
  },
  {
    what: 'an empty folder, and a service that has the radio over D-Bus without -O',
    facts: emptyFolder({ ...SERVICE, unit: 'wpa_supplicant', sockets: [] }),
    finds: { 'control-socket': ['error', /no socket in/, /systemctl edit wpa_supplicant, add -O "DIR=/] },
  },
  {
    what: 'an empty folder without wpa_supplicant',
    facts: having.control({ state: 'listed', sockets: [] }, WITHOUT_SUPPLICANT),
    finds: { 'supplicant-running': ['error', /does not run/, /./] },
  },
  {
    what: 'sockets that a crash left behind',
    facts: having.control({ state: 'listed', sockets: [socket('wlan0', STALE)] }, WITHOUT_SUPPLICANT),
    finds: {
      'supplicant-running': ['error', /does not run/, /./],
      'control-socket': [
        'error',
        /no program listens/,
        /^start wpa_supplicant, .* again: .*enable --now wpa_supplicant@wlan0$/,
      ],
    },
  },
  {
    what: 'a stale socket beside those that answer',
    facts: having.control({ sockets: [...HEALTHY.control.sockets, socket('p2p-wlan0-7', STALE)] }),
    finds: {
      'control-socket': [
        'warning',
        /p2p-wlan0-7 is left over/,
        /^sudo rm '\/run\/wpa_supplicant\/p2p-wlan0-7'$/,
      ],
    },
  },
  {
    what: 'a wpa_supplicant that hangs',
    facts: unanswered(having.control({ sockets: [socket('wlan0', SILENT)] })),
    finds: { 'control-socket': ['error', /does not answer/, /sudo systemctl restart wpa_supplicant@wlan0$/] },
    tells: { 'client-folder': ['unknown', /does not answer/] },
  },
  {
    what: 'a wpa_supplicant in another mount namespace, which does not have our sockets',
    facts: having.supplicant(
      { processes: [{ ...PROCESS, seesClients: false }] },
      unanswered(having.control({ sockets: [socket('wlan0', SILENT)] })),
    ),
    finds: {
      'client-folder': ['error', /pid 300\) does not see \/run\/hostp2pd/, /PrivateTmp=no/],
      'control-socket': ['error', /does not answer/, /client-folder/],
    },
  },
  {
    what: 'a unit with PrivateTmp, and our sockets under /tmp',
    facts: having.supplicant(
      { processes: [{ ...PROCESS, seesClients: null }] },
      unanswered(
        having.control({
          sockets: [socket('wlan0', SILENT)],
          privateTmp: true,
          clientFolder: '/tmp/hostp2pd-x',
        }),
      ),
    ),
    finds: {
      'client-folder': ['error', /\/tmp of its own/, /XDG_RUNTIME_DIR/],
      'control-socket': ['error', /does not answer/, /./],
    },
  },
  {
    what: 'a wpa_cli that was stopped with Ctrl-Z',
    facts: having.control({
      heldBack: [{ name: 'wlan0', reason: 'wpa_cli (pid 77, stopped) is attached to it and does not read' }],
    }),
    finds: { 'control-events': ['error', /wlan0: .*holds back .*wpa_cli \(pid 77, stopped\)/, /kill -CONT/] },
  },
  {
    what: 'PrivateTmp with sockets elsewhere that answer',
    facts: having.control({ privateTmp: true }),
    finds: {},
    tells: { 'client-folder': ['ok', /answers to \/run\/hostp2pd/] },
  },
  {
    what: 'a random device address that is not kept',
    facts: having.supplicant(
      { processes: [SERVICE] },
      having.reported({ randomDeviceAddress: '2', updateConfig: '0' }),
    ),
    finds: {
      'random-address': [
        'warning',
        /p2p_device_random_mac_addr=2/,
        /^write "p2p_device_random_mac_addr: 0" below config_parms in hostp2pd\.yaml; or write/,
      ],
    },
  },
  {
    what: 'a random device address that its configuration file keeps',
    facts: having.supplicant(
      { processes: [started({ persistentAddress: '02:00:00:00:01:00' })] },
      having.reported({ randomDeviceAddress: '2' }),
    ),
    finds: {},
  },
  {
    what: 'a random device address: the P2P device does not write into the file of the radio',
    facts: having.reported({ randomDeviceAddress: '2' }),
    finds: {
      'random-address': ['warning', /no file keeps the address/, /p2p_device_persistent_mac_addr=42:00/],
    },
  },
  {
    what: 'one file for the radio and its P2P device: it is left alone, and a separate file is recommended',
    facts: HEALTHY,
    finds: {},
    tells: { 'device-file': ['ok', /does not write it.*recommended: .*-m FILE and -O/] },
  },
  {
    what: 'one file, which would contain the passphrases of the phones',
    facts: having.settings({ per_sta_psk: true }),
    finds: { 'device-file': ['error', /per_sta_psk.*lost when wpa_supplicant restarts/, /-m FILE and -O/] },
  },
  {
    what: 'a separate file for the P2P device',
    facts: having.supplicant(
      { processes: [started({ deviceFile: OWN_FILE })] },
      having.settings({ per_sta_psk: true }),
    ),
    finds: {},
    tells: { 'device-file': ['ok', /p2p-dev-wlan0 has its own file \/etc\/p\.conf/] },
  },
  {
    what: '-m without -O: the P2P device gets no control socket',
    facts: having.supplicant({ processes: [started({ deviceFile: { ...OWN_FILE, override: null } })] }),
    finds: { 'device-file': ['error', /-m \/etc\/p\.conf and without -O/, /add -O "DIR=\/run\/wpa/] },
  },
  {
    what: '-O with a folder that the file of the P2P device does not name',
    facts: having.supplicant({
      processes: [started({ deviceFile: { ...OWN_FILE, controlInterface: null } })],
    }),
    finds: {
      'device-file': [
        'warning',
        /a reload closes .* no ctrl_interface/,
        /^write ctrl_interface=.* into \/etc\/p/,
      ],
    },
  },
  {
    what: 'a random device address without a persistent group',
    facts: having.settings(
      { activate_persistent_group: false },
      having.reported({ randomDeviceAddress: '1', updateConfig: '0' }),
    ),
    finds: {},
    tells: { 'random-address': ['ok', /no persistent group/] },
  },
  {
    what: 'a radio that changes its address, and Wi-Fi Direct runs on it',
    facts: having.device({
      name: 'wlan0',
      reported: { ...REPORTED, by: 'wlan0', randomStationAddress: '1', interfaces: ['wlan0'] },
    }),
    finds: { 'random-address': ['warning', /mac_addr=1: wlan0/, /mac_addr=0/] },
  },
  {
    what: 'a radio that changes its address beside a P2P device of its own',
    facts: having.reported({ randomStationAddress: '1' }),
    finds: {},
  },
];
