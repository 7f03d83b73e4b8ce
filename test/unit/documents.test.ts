import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { COMMAND_OPTIONS, OPTIONS, type OptionSpec } from '#src/cli/options.js';
import { COMMANDS } from '#src/commands/table.js';
import { reviewConfiguration } from '#src/config/load.js';
import { LOGGING, SETTINGS } from '#src/config/schema.js';
import { CHECKS } from '#src/doctor/checks.js';
import { DAEMON_FILES } from '#src/doctor/daemon-files.js';

/** Everything that the documents name must exist: files, settings, commands, options, variables, checks, scripts. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Document {
  readonly path: string;
  readonly text: string;
}

function read(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

function markdownIn(folder: string): Document[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => read(`${folder}/${name}`));
}

/** The guides for users. */
const GUIDES = [read('packaging/README.md'), ...markdownIn('packaging/docs')];
const ALL = [
  ...['README.md', 'test/radio/README.md', 'packaging/CHANGELOG.md'].map(read),
  ...['.github', 'native-notes'].flatMap(markdownIn),
  ...GUIDES,
];

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

function fences({ text }: Document, language: string): string[] {
  return [...text.matchAll(FENCE)].filter(([, name]) => name === language).map(([, , body = '']) => body);
}

/** Texts in backticks, outside code blocks. */
function spans({ text }: Document): string[] {
  return [...text.replaceAll(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** The anchors that GitHub gives headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the documents exist, and packaging/README.md lists them', () => {
  assert.ok(GUIDES.length >= 8);
  for (const one of GUIDES) assert.match(one.text, /^# \S/, one.path);
  const { text } = read('packaging/README.md');
  for (const { path } of markdownIn('packaging/docs'))
    assert.ok(text.includes(`](${relative('packaging', path)})`), path);
  assert.match(read('README.md').text, /\]\(packaging\/docs\/install\.md\)/);
});

test('every link leads to an existing file and heading', () => {
  let count = 0;
  for (const { path, text } of ALL) {
    for (const [, target = '', anchor] of text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      count += 1;
      const file = target === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), target);
      assert.ok(existsSync(file), `${path}: ${target}`);
      if (anchor !== undefined)
        assert.ok(
          anchors(readFileSync(file, 'utf8')).includes(anchor),
          `${path}: ${target}#${anchor} is no heading`,
        );
    }
  }
  assert.ok(count > 40);
});

test('the npm package contains the files to which packaging/docs links', () => {
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const shipped = [...files, 'README.md', 'LICENSE', 'package.json'];
  for (const { path, text } of markdownIn('packaging/docs')) {
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const file = relative(ROOT, resolve(ROOT, dirname(path), target));
      assert.ok(
        shipped.some((one) => file === one || file.startsWith(`${one}/`)),
        `${path}: ${file}`,
      );
    }
  }
});

/** Shell commands in spans and code blocks, as words. */
function shellWords(document: Document): string[][] {
  const lines = [...fences(document, 'shell'), ...spans(document)].flatMap((text) => text.split('\n'));
  return lines.map((line) =>
    line
      .replace(/\s#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '' && word !== 'sudo'),
  );
}

test('every npm script that is named exists', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  for (const { path, text } of ALL)
    for (const [, name = ''] of text.matchAll(/npm run ([a-z:]+)/g))
      assert.ok(Object.hasOwn(scripts, name), `${path}: npm run ${name}`);
});

test('every command and option of hostp2pd that is named exists', () => {
  const commands = new Set<string>(COMMANDS.map(({ name }) => name));
  const options = [...Object.entries<OptionSpec>(OPTIONS), ...Object.entries<OptionSpec>(COMMAND_OPTIONS)];
  const letters = new Set(options.flatMap(([, { short }]) => (short === undefined ? [] : [short])));
  const names = new Set(options.map(([name]) => name));
  let count = 0;
  for (const document of GUIDES) {
    for (const [program, first = '', ...rest] of shellWords(document)) {
      if (program !== 'hostp2pd' || first === '') continue;
      count += 1;
      const where = `${document.path}: hostp2pd ${first}`;
      if (!first.startsWith('-') && first !== '<command>') assert.ok(commands.has(first), where);
      for (const word of [first, ...rest].filter((one) => one.startsWith('-') && one !== '-')) {
        if (word.startsWith('--')) assert.ok(names.has(word.slice(2)), `${where} ${word}`);
        else for (const letter of word.slice(1)) assert.ok(letters.has(letter), `${where} ${word}`);
      }
    }
  }
  assert.ok(count > 15);
});

test('the shell can parse every command', () => {
  for (const document of GUIDES)
    for (const body of fences(document, 'shell'))
      assert.doesNotThrow(() => execFileSync('sh', ['-n'], { input: body, stdio: 'pipe' }), body);
});

/** Words that look like our settings and belong to wpa_supplicant, its network blocks, or programs of users. */
const FOREIGN: ReadonlySet<string> = new Set([
  ...['update_config', 'device_name', 'device_type', 'config_methods', 'persistent_reconnect'],
  ...['p2p_go_intent', 'p2p_go_ht40', 'p2p_passphrase_len', 'p2p_disabled', 'mac_addr'],
  ...['p2p_device_random_mac_addr', 'p2p_device_persistent_mac_addr', 'p2p_interface_random_mac_addr'],
  ...['push_button', 'physical_push_button', 'p2p_no_group_iface'],
  ...['virtual_push_button', 'wpa_supplicant', 'key_mgmt', 'auth_alg', 'wpa_cli'],
  // Hooks, and names of the Python program.
  ...['start_group', 'stop_group', 'show_pin', 'enter_pin', 'get_pin', 'addr_register', 'dev_type_register'],
  ...['white_list', 'dynamic_gropus'],
]);

test('every setting that is named exists', () => {
  const known = new Set([...Object.keys(SETTINGS), ...Object.keys(LOGGING), ...FOREIGN]);
  const named = new Set<string>();
  for (const document of GUIDES)
    for (const span of spans(document)) {
      // A key alone, or with its value.
      const key = /^([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?:\.[a-z]+)?(?:\(.*\))?(?:[:=].*)?$/.exec(span)?.[1];
      if (key === undefined) continue;
      named.add(key);
      assert.ok(known.has(key), `${document.path}: ${span}`);
    }
  for (const key of FOREIGN) if (key.startsWith('p2p_')) assert.ok(named.has(key), key);
});

test('the examples of hostp2pd.yaml are valid', async () => {
  let count = 0;
  for (const document of GUIDES)
    for (const body of fences(document, 'yaml')) {
      const review = await reviewConfiguration({ file: '-', stdin: Readable.from([Buffer.from(body)]) });
      count += 1;
      assert.deepEqual(review.problems, [], document.path);
      assert.deepEqual(review.configuration.warnings, [], document.path);
    }
  assert.ok(count >= 4);
});

test('every check of the doctor that a document names exists, and troubleshooting.md names all of them', () => {
  const ids = new Set(CHECKS.map(({ id }) => id));
  const [guide] = GUIDES.filter(({ path }) => path.endsWith('troubleshooting.md'));
  assert.ok(guide);
  const named = new Set<string>();
  for (const [, cell = ''] of guide.text.matchAll(/^\| [^|]+ \| ([^|]*) \| [^|]* \|$/gm)) {
    if (/check|---/.test(cell)) continue;
    for (const [, id = ''] of cell.matchAll(/`([^`]+)`/g)) {
      assert.ok(ids.has(id), id);
      named.add(id);
    }
  }
  for (const span of spans(guide)) if (ids.has(span)) named.add(span);
  assert.deepEqual([...named].sort(), [...ids].sort());
  // Other documents name no checks; these words only look like checks.
  const others = new Set([
    'systemd-networkd',
    'dnsmasq-base',
    'wireless-regdb',
    'linux-arm64',
    'linux-armv7l',
    'linux-x64',
  ]);
  const causes = /^\| event \| `cause` \|\n(?:\|.*\n)+/m;
  for (const document of markdownIn('packaging/docs'))
    for (const span of spans({ ...document, text: document.text.replace(causes, '') }))
      if (/^[a-z]+[0-9]*(-[a-z0-9]+)+$/.test(span) && !/^p2p-|^wpa-/.test(span))
        assert.ok(ids.has(span) || others.has(span) || /^bind-/.test(span), `${document.path}: ${span}`);
});

test('the files for other network daemons in a guide are the shipped ones', () => {
  const [guide] = GUIDES.filter(({ path }) => path.endsWith('mac-addresses.md'));
  assert.ok(guide);
  const shown = fences(guide, 'ini').map((body) => body.split('\n').filter((line) => line !== ''));
  for (const { lines } of [DAEMON_FILES.networkManagerAddress, DAEMON_FILES.udev])
    assert.ok(shown.some((body) => body.join('\n') === lines.join('\n')));
});

test('every environment variable that a guide names is used by the program or its packaging', () => {
  const sources = readdirSync(join(ROOT, 'src'), { encoding: 'utf8', recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(`src/${path}`).text);
  sources.push(read('packaging/debian/repository.sh').text);
  const used = new Set(sources.flatMap((text) => text.match(/\bHOSTP2PD_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []));
  for (const { path, text } of [read('README.md'), ...GUIDES])
    for (const [name] of text.matchAll(/HOSTP2PD_[A-Z]+[A-Z0-9_]*/g))
      assert.ok(used.has(name) || name === 'HOSTP2PD_', `${path}: ${name}`);
});

test('the table of folders is complete and in the order of the allowed imports', () => {
  const { text } = read('native-notes/architecture.md');
  const section = text.slice(text.indexOf('<!-- test/unit/documents.test.ts: the folders -->'));
  const rows = section.slice(0, section.indexOf('\n\n')).matchAll(/^\| `([\w.]+)` \|/gm);
  const order = /const FLOORS = \[([^\]]*)\]/.exec(read('test/unit/architecture.test.ts').text)?.[1] ?? '';
  assert.deepEqual(
    [...rows].map(([, name]) => name),
    [...order.matchAll(/'([^']+)'/g)].map(([, name]) => name),
  );
  assert.ok(order.length > 0);
});

test('every source file that a note for developers names exists', () => {
  const named = [...markdownIn('native-notes'), ...markdownIn('.github')].flatMap((document) =>
    spans(document)
      .filter(
        (span) =>
          /^(?:src|test|packaging|config|native-notes)\/[\w./@-]+$/.test(span) && !span.includes('.build'),
      )
      .map((span) => [document.path, span] as const),
  );
  assert.ok(named.length > 5);
  for (const [path, span] of named) assert.ok(existsSync(join(ROOT, span)), `${path}: ${span}`);
});

test('the workflow runs the commands that a developer runs', () => {
  const text = readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8');
  assert.match(text, /^ +run: \.ci\/run$/m);
  assert.ok(existsSync(join(ROOT, '.ci/run')));
  for (const name of [
    'workflows/ci.yml',
    ...readdirSync(join(ROOT, '.github/ISSUE_TEMPLATE')).map((one) => `ISSUE_TEMPLATE/${one}`),
  ])
    assert.ok(load(readFileSync(join(ROOT, '.github', name), 'utf8')), name);
});
