/** A file of dist/: modules of src/ with all that they import. */
export interface Bundle {
  /** `dist/<name>.cjs` */
  readonly name: string;
  /** Modules of src/, without `.ts`. A dynamic import of one of them loads this bundle. */
  readonly modules: readonly string[];
  /** Bundles further up. What they hold is taken from them and not copied, so they are loaded first. */
  readonly uses: readonly string[];
}

const SESSION = ['program', 'configuration', 'wpa', 'session'];

/**
 * What is loaded together is one file, because each file costs time at the start. What a running daemon does not need is
 * in files of its own.
 */
export const BUNDLES: readonly Bundle[] = [
  // The command line, and what every mode needs.
  { name: 'program', modules: ['cli/main', 'system/files', 'system/secrets'], uses: [] },
  // Loads the program when it has seen that Node.js is new enough, so it takes nothing from it.
  { name: 'hostp2pd', modules: ['bin/hostp2pd'], uses: [] },
  { name: 'launch', modules: ['daemon/launch'], uses: ['program'] },
  { name: 'configuration', modules: ['config/load'], uses: ['program'] },
  { name: 'yaml', modules: ['config/yaml'], uses: ['program'] },
  // The library of the control interface alone.
  { name: 'wpa', modules: ['wpa/index'], uses: ['program'] },
  // What stays in memory. The library is a part of it.
  {
    name: 'session',
    modules: ['index', 'daemon/service', 'daemon/detached'],
    uses: ['program', 'configuration', 'wpa'],
  },
  // Starts processes, for which Node.js loads much.
  { name: 'programs', modules: ['system/programs'], uses: ['program'] },
  { name: 'log', modules: ['logging/winston'], uses: SESSION },
  { name: 'recorder', modules: ['recording/recorder'], uses: SESSION },
  { name: 'hooks', modules: ['hooks/hook-runner', 'hooks/program-check'], uses: SESSION },
  { name: 'addressing', modules: ['addressing/addressing'], uses: [...SESSION, 'programs'] },
  { name: 'sharing', modules: ['addressing/internet-sharing'], uses: [...SESSION, 'programs'] },
  // What the control socket, the prompt and the operator's commands share.
  { name: 'commands', modules: ['commands/table'], uses: ['program'] },
  {
    name: 'status',
    modules: ['commands/status-screen', 'commands/stations-screen'],
    uses: ['program', 'commands'],
  },
  { name: 'server', modules: ['control/server'], uses: [...SESSION, 'commands'] },
  {
    name: 'client',
    modules: ['control/client', 'control/find-socket', 'daemon/running-daemon'],
    uses: ['program'],
  },
  { name: 'operator', modules: ['cli/command-mode'], uses: ['program', 'commands', 'client'] },
  {
    name: 'help',
    modules: ['cli/help', 'cli/completion'],
    uses: ['program', 'commands', 'client', 'operator'],
  },
  {
    name: 'monitor',
    modules: ['cli/monitor', 'control/monitor-data'],
    uses: ['program', 'commands', 'client', 'operator'],
  },
  {
    name: 'doctor',
    modules: ['commands/configuration-in-force', 'doctor/examine', 'doctor/report'],
    uses: [...SESSION, 'commands', 'client', 'operator', 'programs'],
  },
  {
    name: 'setup',
    modules: ['setup/setup-command', 'setup/doctor-fix'],
    uses: [...SESSION, 'commands', 'client', 'operator', 'programs', 'doctor'],
  },
  {
    name: 'replay',
    modules: ['replay/replay-command'],
    uses: [...SESSION, 'commands', 'client', 'operator'],
  },
  {
    name: 'report',
    modules: ['report/report-command'],
    uses: [...SESSION, 'commands', 'client', 'operator', 'programs', 'doctor'],
  },
  { name: 'panel', modules: ['panel/panel'], uses: ['program', 'commands', 'client', 'operator'] },
  { name: 'qr', modules: ['commands/qr-code', 'commands/ndef'], uses: ['program'] },
  {
    name: 'prompt',
    modules: ['cli/session-modes'],
    uses: [...SESSION, 'commands', 'client', 'operator', 'help'],
  },
];

/** The code of the panel that runs in browsers, in src/; made to `dist/panel-page.js` and `dist/panel-page.css`. */
export const PAGE = { name: 'panel-page', script: 'panel/page/main.tsx', style: 'panel/page/page.css' };

/** Packages of npm, by the bundle that holds them. They know nothing of our modules. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'string-width': ['string-width'],
  winston: ['winston', 'winston-daily-rotate-file'],
  yargs: ['yargs'],
};

/** Functions of packages and of Node.js whose code is loaded when one of them is first called. */
export const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  'string-width': ['default'],
  'node:crypto': ['createHash', 'randomBytes', 'randomInt', 'timingSafeEqual'],
  'node:dgram': ['createSocket'],
  'node:fs/promises': [
    'access',
    'chmod',
    'copyFile',
    'lstat',
    'mkdir',
    'mkdtemp',
    'open',
    'readFile',
    'readdir',
    'readlink',
    'realpath',
    'rename',
    'rm',
    'rmdir',
    'stat',
    'writeFile',
  ],
};

/** Modules of which only these functions are used, and whose code is not kept after a call. */
export const FORGOTTEN: Readonly<Record<string, readonly string[]>> = { 'config/yaml': ['parseYaml'] };

/** Modules with a state, or with a class that others recognize: there must be only one of each in a process. */
export const SINGLE = [
  'daemon/signals',
  'host/pin-module',
  'system/errors',
  'system/files',
  'system/secrets',
  'wpa/unix-datagram',
];
