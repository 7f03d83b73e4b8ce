import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Rules for the source tree that no compiler checks: which folder may import which. */

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/g;

const imports: readonly Import[] = sourceFiles(SOURCES).flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = match[2] ?? match[3] ?? '';
    const to = target.startsWith('.')
      ? relative(SOURCES, resolve(dirname(file), target)).replace(/\.js$/, '.ts')
      : target;
    return { from: relative(SOURCES, file), to, typeOnly: match[1] !== undefined };
  });
});

/** Lower floors first; no file imports from a floor above its own. */
const FLOORS = [
  'system',
  'logging',
  'config',
  'hooks',
  'addressing',
  'wpa',
  'session',
  'recording',
  'host',
  'index.ts',
  'doctor',
  'commands',
  'replay',
  'control',
  'report',
  'panel',
  'daemon',
  'setup',
  'cli',
  'bin',
];

function floor(path: string): number {
  return FLOORS.indexOf(path.split('/')[0] ?? '');
}

test('the scan sees the imports', () => {
  assert.ok(imports.length > 100);
  assert.ok(imports.some(({ from, to }) => from === 'bin/hostp2pd.ts' && to === 'cli/main.ts'));
});

/** The text without comments and string contents. */
function codeOf(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

/**
 * A lookup in an object by a word from outside also finds `__proto__`, `constructor` and `toString`. The compiler refuses
 * to look up a word in an object whose keys it knows; these two rules close the ways around it.
 */
test('a lookup table with keys from outside is a Map', () => {
  const tables = /\bconst \w+: (?:Readonly<|Partial<)*Record<string,[^;{]*= \{\s*[^\s}]/g;
  const membership = /(?:[(!?]|&&|\|\||=>?)\s*[a-z]\w* in [a-z]\w*\s*(?=[)?;]|&&|\|\|)/gi;
  const found = sourceFiles(SOURCES).flatMap((file) => {
    const code = codeOf(file);
    return [tables, membership].flatMap((rule) =>
      [...code.matchAll(rule)].map(([text]) => `${relative(SOURCES, file)}: ${text}`),
    );
  });
  assert.deepEqual(found, []);
});

/** These read /proc and /sys, the terminal, our own files, or a file that hostp2pd has just written. */
const OTHER_READERS = new Set([
  ...[
    'addressing/forwarding.ts',
    'addressing/dnsmasq.ts',
    'addressing/neighbour-table.ts',
    'addressing/network-interface.ts',
    'addressing/note.ts',
  ],
  ...['cli/session-modes.ts', 'daemon/detached.ts', 'daemon/launch.ts'],
  ...['system/folders.ts', 'system/processes.ts', 'system/stack.ts'],
  ...['logging/bounded-output.ts', 'logging/log-file.ts', 'host/radio.ts', 'hooks/program-check.ts'],
]);

test('only one file opens files, and only one replaces them', () => {
  const opening =
    /import \{[^}]*\b(?:openSync|open|readFile|readFileSync|createReadStream|rename)\b[^}]*\} from 'node:fs/;
  const found = sourceFiles(SOURCES)
    .filter((file) => opening.test(readFileSync(file, 'utf8')))
    .map((file) => relative(SOURCES, file));
  assert.deepEqual(
    found.filter((file) => file !== 'system/files.ts' && !OTHER_READERS.has(file)),
    [],
  );
});

test('every file is on a known floor', () => {
  const homeless = sourceFiles(SOURCES).map((file) => relative(SOURCES, file));
  assert.deepEqual(
    homeless.filter((file) => floor(file) < 0),
    [],
  );
});

test('imports point downwards', () => {
  const upwards = imports.filter(({ from, to }) => to.endsWith('.ts') && floor(to) > floor(from));
  assert.deepEqual(upwards, []);
});

test('the session machine and the codecs know no platform', () => {
  const pure = (path: string) => path.startsWith('session/') || PURE.has(path);
  assert.deepEqual(
    imports.filter(({ from, to }) => pure(from) && /^node:|^[a-z@]/.test(to) && !to.endsWith('.ts')),
    [],
  );
  const impure = imports.filter(
    ({ from, to, typeOnly }) =>
      pure(from) && !typeOnly && to.endsWith('.ts') && !pure(to) && to !== 'system/errors.ts',
  );
  assert.deepEqual(impure, []);
});

test('the session machine uses no globals of Node, and no clock of its own', () => {
  const globals =
    /(?<![\w.'-])(?:Buffer|process|globalThis|console|performance|Date|Math\.random|set(?:Timeout|Interval|Immediate)|queueMicrotask)\b(?!')/;
  const found = sourceFiles(join(SOURCES, 'session')).flatMap((file) => {
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const name = globals.exec(code)?.[0];
    return name === undefined ? [] : [`${relative(SOURCES, file)}: ${name}`];
  });
  assert.deepEqual(found, []);
});

const PURE = new Set([
  ...['command', 'event', 'fields', 'frequency', 'reply', 'status-words'].map((name) => `wpa/${name}.ts`),
  ...[
    'config/address-plan.ts',
    'config/ipv4.ts',
    'system/clock.ts',
    'hooks/contract.ts',
    'system/end-limits.ts',
    'system/interface-names.ts',
    'system/names.ts',
    'system/mac-address.ts',
  ],
]);

test('only one file has the form of a MAC address', () => {
  const pairs = /\[0-9a-f\]\{2\}[^\n]*\{[45]\}/i;
  const knowing = sourceFiles(SOURCES).filter((file) => pairs.test(readFileSync(file, 'utf8')));
  assert.deepEqual(
    knowing.map((file) => relative(SOURCES, file)),
    ['system/mac-address.ts'],
  );
});

test('each package is imported in one place', () => {
  const packages = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (to.endsWith('.ts') || to.startsWith('node:') || to === '') continue;
    packages.set(to, (packages.get(to) ?? new Set()).add(from.split('/').slice(0, -1).join('/') || from));
  }
  for (const [name, places] of packages) assert.equal(places.size, 1, `${name}: ${[...places].join(', ')}`);
  const loading = sourceFiles(SOURCES).filter((file) => readFileSync(file, 'utf8').includes("('unix-dgram"));
  assert.deepEqual(
    loading.map((file) => relative(SOURCES, file)),
    ['wpa/native-addon.ts'],
  );
});

/** The compiler has to name it in the declaration of another file. */
const NAMED_BY_COMPILER = ['wpa/fields.ts: DeviceFields'];

test('what is exported is used in another file, of the program or of the tests', () => {
  const root = resolve(SOURCES, '..');
  const tests = sourceFiles(join(root, 'test')).filter((file) => !/\/\.build\/|\/architecture\./.test(file));
  const files = [...sourceFiles(SOURCES), ...tests, join(root, 'package.json')];
  const texts = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const unused = sourceFiles(SOURCES).flatMap((file) => {
    const text = texts.get(file) ?? '';
    const names = [
      ...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm),
    ].map(([, name = '']) => name);
    const module = `/${basename(file).replace(/\.tsx?$/, '')}.`;
    const users = [...texts].filter(([user, code]) => user !== file && code.includes(module));
    return names
      .filter((name) => !users.some(([, code]) => new RegExp(`\\b${name}\\b`).test(code)))
      .map((name) => `${relative(SOURCES, file)}: ${name}`);
  });
  assert.deepEqual(unused, NAMED_BY_COMPILER);
});

test('only one file changes the list of requests to join, so that each ends with an event', () => {
  const changing = sourceFiles(SOURCES).filter((file) =>
    readFileSync(file, 'utf8').includes('.setEnrolments('),
  );
  assert.deepEqual(
    changing.map((file) => relative(SOURCES, file)),
    ['session/enrolments.ts'],
  );
});

test('the doctor runs in the older Node.js of which it warns: no methods that came with Node.js 20', () => {
  for (const file of sourceFiles(join(SOURCES, 'doctor')))
    assert.doesNotMatch(
      readFileSync(file, 'utf8'),
      /\.to(?:Reversed|Sorted|Spliced)\(|\bObject\.groupBy\(/,
      file,
    );
});

test('no import cycle, types included', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) {
    if (to.endsWith('.ts')) edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `cycle: ${[...path, file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
});
