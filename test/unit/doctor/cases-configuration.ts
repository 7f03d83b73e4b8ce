import { validate } from '#src/config/validate.js';
import type { Facts } from '#src/doctor/facts.js';
import type { Case } from './case.js';
import { asUser, HEALTHY, having, place } from './healthy.js';

/** A file with this section: settings, problems and warnings come from the real validation. */
function file(section: Record<string, unknown>): Facts {
  const { settings, problems, warnings } = validate({ pin: '52107733', ...section });
  return having.configuration({ settings, problems, warnings });
}

const DEFAULTS = validate({}).settings;

/** A file with this section, of any type. */
function validated(section: unknown) {
  const { settings, problems, warnings } = validate(section);
  return { settings, problems, warnings };
}

const PATH = '/etc/hostp2pd.yaml';

export const configurationCases: readonly Case[] = [
  {
    what: 'an old Node.js',
    facts: { ...HEALTHY, nodeVersion: '20.9.1' },
    finds: { 'node-version': ['error', /20\.9\.1 is too old/, /20\.19 or later/] },
  },
  {
    what: 'a native module of another Node.js',
    facts: {
      ...HEALTHY,
      addonProblem: { message: 'it is for ARMv7', fix: 'install the npm package', cause: undefined },
    },
    finds: { addon: ['error', /^it is for ARMv7$/, /^install the npm package$/] },
  },
  { what: 'a newer one', facts: { ...HEALTHY, nodeVersion: '22.0.0' }, finds: {} },
  {
    what: 'a configuration that cannot be read',
    facts: having.configuration({ source: null, unreadable: `configuration file ${PATH}: ENOENT` }),
    finds: { configuration: ['error', /ENOENT/, /-c FILE/] },
  },
  {
    what: 'the same: the defaults are used instead, and not checked',
    facts: having.settings(
      { ...DEFAULTS, run_program: '/etc/hook' },
      having.configuration({ source: null, unreadable: `configuration file ${PATH}: ENOENT` }),
    ),
    finds: { configuration: ['error', /ENOENT/, /-c FILE/] },
    tells: {
      pin: ['unknown', /value of pin is not usable \(see configuration\)/],
      'push-button': ['unknown', /see configuration/],
      'control-socket': ['unknown', /see configuration/],
      'log-file': ['unknown', /see configuration/],
      'config-permissions': ['unknown', /cannot be read/],
    },
  },
  ...[
    { pin: 12345670 },
    { pn: '12345670' },
    { password: '12345670' },
    { pin: 'x', pbc_white_list: ['02:00:00:00:01:00'] },
  ].map(
    (section): Case => ({
      what: `an invalid PIN: ${Object.keys(section).join(', ')}`,
      facts: having.configuration(validated(section)),
      finds: {
        configuration: ['error', /hostp2pd\./, /^correct this setting$|did you mean "pin"|renamed to pin/],
      },
      tells: { pin: ['unknown', /see configuration/] },
    }),
  ),
  {
    what: 'a section that is no map',
    facts: having.configuration(validated('pin 12345670')),
    finds: { configuration: ['error', /^hostp2pd: expected a map/, /correct/] },
    tells: { pin: ['unknown', /see configuration/] },
  },
  {
    what: 'an invalid other key: the PIN is still checked',
    facts: having.configuration(validated({ max_scan_polling: 'many' })),
    finds: {
      configuration: ['error', /max_scan_polling: expected a whole number/, /correct/],
      pin: ['warning', /everybody knows/, /random/],
    },
  },
  {
    what: 'a hook that is no string',
    facts: having.configuration(validated({ pin: '52107733', run_program: [] })),
    finds: { configuration: ['error', /run_program: expected a text/, /correct/] },
    tells: { hook: ['unknown', /value of run_program is not usable/] },
  },
  {
    what: 'the configuration of a session that runs',
    facts: having.configuration({ running: { interface: 'p2p-dev-wlan0', uid: 0 } }),
    finds: {},
  },
  {
    what: 'a session that runs and does not report its configuration',
    facts: having.configuration({ sessionProblem: '/run/hostp2pd/x.sock: permission denied' }),
    finds: {},
    tells: { configuration: ['unknown', /does not report its configuration: .*permission denied/] },
  },
  {
    what: 'a session that runs and hides its PIN',
    facts: having.configuration({
      ...validated({}),
      running: { interface: 'p2p-dev-wlan0', uid: 0 },
      secretsHidden: true,
    }),
    finds: {},
    tells: { pin: ['unknown', /does not report its PIN/] },
  },
  {
    what: 'a session that runs, and whose file has become unreadable: its settings in use are checked',
    facts: having.configuration({
      running: { interface: 'p2p-dev-wlan0', uid: 0 },
      unreadable: `configuration ${PATH}, line 3, column 1: bad indentation`,
    }),
    finds: { configuration: ['error', /bad indentation \(hostp2pd still uses/, /correct the file/] },
  },
  {
    what: 'a session of another user: the permissions of this user do not matter',
    facts: asUser(
      having.configuration(
        { running: { interface: 'p2p-dev-wlan0', uid: 0 } },
        having.settings(
          { addressing: 'dnsmasq' },
          having.files({ pidFolder: 'XDG_RUNTIME_DIR is not set', runtimeFolder: place('/run', false) }),
        ),
      ),
    ),
    finds: {},
    tells: {
      'pid-file': ['unknown', /pi runs the doctor, and hostp2pd runs as another user/],
      'runtime-folder': ['unknown', /another user/],
    },
  },
  {
    what: 'a key that does not exist',
    facts: file({ ssid_postfx: 'x' }),
    finds: { configuration: ['error', /hostp2pd\.ssid_postfx: unknown/, /did you mean "ssid_postfix"/] },
  },
  {
    what: 'a warning of the validation',
    facts: file({ p2p_client: 'my_wpa_cli' }),
    finds: { configuration: ['warning', /p2p_client: .*ignored/, /remove it/] },
  },
  {
    what: 'a PIN in a file that others may read',
    facts: having.configuration({
      warnings: [
        {
          path: PATH,
          text: 'any user can read the secrets in it: pin (mode 0644)',
          fix: `chmod 600 ${PATH}`,
        },
      ],
    }),
    finds: { 'config-permissions': ['warning', /mode 0644/, /chmod 600/] },
  },
  {
    what: 'no file',
    facts: having.configuration({ source: { kind: 'defaults' } }),
    finds: {},
    tells: { configuration: ['ok', /defaults/], 'config-permissions': ['ok', /no file/] },
  },
  {
    what: 'standard input',
    facts: having.configuration({ source: { kind: 'stdin' } }),
    finds: {},
    tells: { configuration: ['ok', /standard input/] },
  },
  ...['00000000', '12345670', '76543210', '1111', '1234', '4321'].map(
    (pin): Case => ({
      what: `the PIN ${pin}`,
      facts: file({ pin }),
      finds: { pin: ['warning', /everybody (?:knows|tries first)/, /random/] },
    }),
  ),
  {
    what: 'the default PIN beside a white list: one warning',
    facts: file({ pin: '00000000', pbc_white_list: ['02:00:00:00:01:00'] }),
    finds: { pin: ['warning', /everybody knows/, /random/] },
  },
  {
    what: 'a PIN of four digits',
    facts: file({ pin: '5210' }),
    finds: { pin: ['warning', /4 digits/, /eight digits/] },
  },
  {
    what: 'a PIN without a checksum',
    facts: file({ pin: '52107734' }),
    finds: { pin: ['warning', /not the WPS checksum/, /the last digit/] },
  },
  {
    what: 'a PIN for each phone',
    facts: file({ pin: 'random' }),
    finds: {},
    tells: { pin: ['ok', /a new PIN/] },
  },
  {
    what: 'a PIN module beside the default PIN',
    facts: file({ pin: '00000000', pin_module: '/etc/pins.js' }),
    finds: {},
    tells: { pin: ['ok', /pin_module/] },
  },
  {
    what: 'a push button without a white list',
    facts: file({ pbc_in_use: true }),
    finds: { 'push-button': ['warning', /pbc_white_list is empty/, /list the devices/] },
  },
  {
    what: 'names on the white list',
    facts: file({ pbc_in_use: true, pbc_white_list: ['Galaxy', '02:00:00:00:01:00'] }),
    finds: { 'push-button': ['warning', /holds a name/, /P2P device address/] },
  },
  {
    what: 'a push button for two addresses',
    facts: file({ pbc_in_use: true, pbc_white_list: ['02:00:00:00:01:00', '02:00:00:00:02:00'] }),
    finds: {},
    tells: { 'push-button': ['ok', /for 2 devices/] },
  },
  {
    what: 'no push button',
    facts: file({ pbc_in_use: false }),
    finds: {},
    tells: { 'push-button': ['ok', /not in use/] },
  },
];
