import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A module that the program is made of, or the program itself. */
export interface Module {
  /** Relative to the folder of the program: `node_modules/cliui/node_modules/string-width`; empty for the program. */
  readonly path: string;
  /** The files of dist/ that hold it. */
  readonly bundles: readonly string[];
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
  /** An SPDX expression. */
  readonly license: string;
  readonly licenseTexts: readonly string[];
  /** SHA-512 of its archive in hexadecimal digits, from package-lock.json. */
  readonly sha512: string | null;
  /** Paths of the modules that it loads by name. */
  readonly dependencies: readonly string[];
}

/** An object of a JSON file whose fields have not been checked. */
type JsonObject = Readonly<Record<string, unknown>>;

/** Names of files with licences and notices. */
const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * The program in `folder` and every module that it needs when it runs.
 * @throws Error for a module that is not installed, is of another version than package-lock.json says, or has no licence
 */
export function readModules(folder: string): [program: Module, ...modules: Module[]] {
  const entries = productionEntries(folder);
  const bundled = readBundled(folder);
  const foreign = [...bundled.keys()].filter((path) => !entries.has(path));
  if (foreign.length > 0)
    throw new Error(`bundled, but not a dependency of the program: ${foreign.join(', ')}`);
  const [program, ...modules] = ['', ...entries.keys()].map((path) =>
    readModule(folder, path, entries, bundled.get(path) ?? []),
  );
  if (program === undefined) throw new Error(`${folder}: no program`);
  const extra = installedPaths(folder).filter(
    (path) => !entries.has(path) && !developmentPaths(folder).has(path),
  );
  if (extra.length > 0) throw new Error(`installed, but not in package-lock.json: ${extra.join(', ')}`);
  return [program, ...modules];
}

/** The entries of package-lock.json that are needed to run the program, by path. */
function productionEntries(folder: string): Map<string, JsonObject> {
  return new Map(
    Object.entries(lockedPackages(folder))
      .filter(([path, entry]) => path !== '' && entry['dev'] !== true)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The bundles that hold something of a module, by the path of the module, as the build of the bundles has noted them. */
function readBundled(folder: string): ReadonlyMap<string, readonly string[]> {
  const file = join(folder, '.build/packages.json');
  if (!existsSync(file)) return new Map();
  return new Map(
    Object.entries(readJson(file)).map(([path, bundles]) => [
      path,
      Array.isArray(bundles) ? bundles.map((name) => `dist/${name}`) : [],
    ]),
  );
}

function developmentPaths(folder: string): Set<string> {
  const entries = Object.entries(lockedPackages(folder));
  return new Set(entries.filter(([, entry]) => entry['dev'] === true).map(([path]) => path));
}

function lockedPackages(folder: string): Readonly<Record<string, JsonObject>> {
  const packages = record(readJson(join(folder, 'package-lock.json'))['packages']);
  return Object.fromEntries(Object.entries(packages).map(([path, entry]) => [path, record(entry)]));
}

function readModule(
  folder: string,
  path: string,
  entries: ReadonlyMap<string, JsonObject>,
  bundles: readonly string[],
): Module {
  const place = join(folder, path);
  const manifest = readJson(join(place, 'package.json'));
  const entry = entries.get(path);
  const name = text(manifest['name']) ?? basename(path);
  const version = text(manifest['version']) ?? 'unknown';
  if (entry !== undefined && entry['version'] !== version)
    throw new Error(
      `${path}: expected version ${String(entry['version'])} of package-lock.json, found ${version}`,
    );
  const license = text(manifest['license']) ?? text(record(manifest['license'])['type']);
  if (license === null) throw new Error(`${path}: no licence in package.json`);
  const licenseTexts = readLicenses(place);
  if (licenseTexts.length === 0) throw new Error(`${path}: no file with the licence (${license})`);
  return {
    path,
    bundles,
    name,
    version,
    description: text(manifest['description']),
    license,
    licenseTexts,
    sha512: sha512Of(entry?.['integrity']),
    dependencies: Object.keys(record(manifest['dependencies'])).flatMap(
      (wanted) => resolveModule(path, wanted, entries) ?? [],
    ),
  };
}

/** Finds a module as Node.js does: in the module's own node_modules, then in those of the folders above. */
function resolveModule(from: string, name: string, entries: ReadonlyMap<string, JsonObject>): string | null {
  for (let folder = from; ; ) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (entries.has(path)) return path;
    if (folder === '') return null;
    folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0));
  }
}

function readLicenses(place: string): string[] {
  const files = readdirSync(place, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && LICENSE_FILE.test(entry.name),
  );
  return files
    .map(({ name }) => readFileSync(join(place, name), 'utf8'))
    .filter((content) => content.trim() !== '');
}

/** Every folder below node_modules that is a module. */
function installedPaths(folder: string, path = 'node_modules'): string[] {
  const found: string[] = [];
  for (const { name } of folders(join(folder, path))) {
    if (name.startsWith('.')) continue;
    const names = name.startsWith('@')
      ? folders(join(folder, path, name)).map((below) => `${name}/${below.name}`)
      : [name];
    for (const module of names) {
      const place = `${path}/${module}`;
      found.push(place, ...installedPaths(folder, `${place}/node_modules`));
    }
  }
  return found;
}

function folders(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch {
    return [];
  }
}

function sha512Of(integrity: unknown): string | null {
  const [, digest] = /\bsha512-(\S+)/.exec(text(integrity) ?? '') ?? [];
  return digest === undefined ? null : Buffer.from(digest, 'base64').toString('hex');
}

function readJson(path: string): JsonObject {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return record(value);
}

function record(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
