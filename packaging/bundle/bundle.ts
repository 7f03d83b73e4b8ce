import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { BUNDLES, type Bundle, FORGOTTEN, FUNCTIONS, PACKAGES, PAGE, SINGLE } from './bundles.js';
import { linesOnly } from './source-map.js';

/**
 * Makes dist/, what is shipped: the bundles, the two entries of the library and its declarations. `tsc -b` has checked the
 * types and written the declarations to .build/.
 *
 * The bundles are CommonJS: Node.js 20 loads one file of it in half the time of the same code as ECMAScript modules. esbuild
 * splits only those, and into files that nobody has chosen, so the bundles are chosen in bundles.ts. A bundle exports
 * the modules that others need as objects, under their paths in src/.
 */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** The executable must be understood by a Node.js that is too old, to say so. */
const OLD_NODE = 'node12';
/** What the library exports. Its classes and functions keep their names, which a user sees. */
const ENTRIES = ['index', 'wpa/index'];
/** Namespace of what another bundle holds, or Node.js. */
const ELSEWHERE = 'elsewhere';

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: `node${engines.node.replace('>=', '')}`,
  minify: true,
  // Node.js prints the line of an uncaught error.
  lineLimit: 500,
  legalComments: 'none',
  external: ['unix-dgram'],
  // In development winston loads what colours its debug messages.
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'process.env.NODE_ENV': '"production"',
  },
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

/** Loads a bundle, calls a function of it, and takes the bundle from the tables of Node.js. */
const FORGET = `const useOnce = (load, bundle, path) => (name, values) => {
  const file = __dirname + bundle.slice(1);
  let held;
  try {
    held = load();
  } catch {
    throw new Error('hostp2pd was removed or replaced since it started: a part of it cannot be loaded; restart it');
  }
  try {
    return held[path][name](...values);
  } finally {
    module.children = module.children?.filter((child) => child.filename !== file);
    if (require.cache) delete require.cache[file];
  }
};`;

/** The names that each module of src/ exports, by its path without `.ts`, and each package. */
type Exports = ReadonlyMap<string, readonly string[]>;

class Build {
  readonly #exports: Exports;
  /** The modules in each bundle, once it has been built. */
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** The modules of each bundle that others use. */
  readonly #lent = new Map<string, Set<string>>();
  /** The files of dist/ that hold something of a package, by the path of the package. */
  readonly #packages = new Map<string, Set<string>>();

  constructor(exports: Exports) {
    this.#exports = exports;
    for (const { name, modules } of BUNDLES) this.#lent.set(name, new Set(modules));
  }

  async run(): Promise<void> {
    // The first round shows which modules are used from which bundle.
    for (const bundle of BUNDLES) {
      const { inputs } = await this.#bundle(bundle, false);
      this.#held.set(bundle.name, new Set(Object.keys(inputs).flatMap((path) => moduleOf(path) ?? [])));
    }
    this.#checkSingle();
    for (const bundle of BUNDLES) {
      this.#note(`${bundle.name}.cjs`, await this.#bundle(bundle, true));
      const map = join(DIST, `${bundle.name}.cjs.map`);
      writeFileSync(map, linesOnly(readFileSync(map, 'utf8')));
    }
    for (const [name, names] of Object.entries(PACKAGES))
      this.#note(`${name}.cjs`, await bundlePackages(name, names));
    this.#note(`${PAGE.name}.js`, await bundlePage());
  }

  get packages(): Readonly<Record<string, readonly string[]>> {
    const sorted = [...this.#packages].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([path, bundles]) => [path, [...bundles].sort()]));
  }

  async #bundle(bundle: Bundle, write: boolean): Promise<Metafile> {
    const modules = [...(this.#lent.get(bundle.name) ?? [])].sort();
    const isProgram = bundle.modules.includes('bin/hostp2pd');
    const contents = modules.map((module, i) => {
      if (isProgram) return `import './${module}.ts';`;
      const named = ENTRIES.includes(module)
        ? `\nfor (const [name, value] of Object.entries(m${i}))
        if (typeof value === 'function') Object.defineProperty(value, 'name', { value: name });`
        : '';
      return `import * as m${i} from './${module}.ts'; export { m${i} as '${module}' };${named}`;
    });
    const { metafile } = await build({
      ...OPTIONS,
      stdin: { contents: contents.join('\n'), resolveDir: SOURCES, sourcefile: 'entry.ts', loader: 'ts' },
      outfile: join(DIST, `${bundle.name}.cjs`),
      ...(isProgram ? { banner: { js: '#!/usr/bin/env node' }, target: OLD_NODE } : {}),
      write,
      sourcemap: true,
      sourcesContent: false,
      plugins: [this.#elsewhere(bundle)],
    });
    return metafile;
  }

  /** Takes modules of other bundles, packages and Node.js's modules from where they are. */
  #elsewhere(bundle: Bundle): Plugin {
    const packages = new Map(
      Object.entries(PACKAGES).flatMap(([name, all]) => all.map((one) => [one, name])),
    );
    return {
      name: ELSEWHERE,
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^\.\.?\// }, ({ path, importer, kind, namespace }) => {
          if (namespace === ELSEWHERE) return { path, external: true };
          const module = moduleOf(resolve(dirname(importer), path));
          const other = module === null ? null : this.#holderOf(module, bundle, kind === 'dynamic-import');
          if (module === null || other === null) return undefined;
          this.#lent.get(other)?.add(module);
          return { path: module, namespace: ELSEWHERE, pluginData: other };
        });
        onResolve({ filter: /^[a-z]/ }, ({ path, kind, namespace }) => {
          if (namespace === ELSEWHERE) return undefined;
          const name = packages.get(path);
          if (name !== undefined) return { path, namespace: ELSEWHERE, pluginData: name };
          // require() is faster than import().
          if (path.startsWith('node:') && (kind === 'dynamic-import' || path in FUNCTIONS))
            return { path, namespace: ELSEWHERE };
          return undefined;
        });
        onLoad({ filter: /.*/, namespace: ELSEWHERE }, ({ path, pluginData }) => {
          const held =
            pluginData === undefined ? `require('${path}')` : `require('./${pluginData}.cjs')['${path}']`;
          const calls = FUNCTIONS[path]?.map((name) =>
            name === 'default'
              ? `export default (...values) => ${held}.default(...values);`
              : `export const ${name} = (...values) => ${held}.${name}(...values);`,
          );
          if (calls) return { contents: calls.join('\n') };
          const once = FORGOTTEN[path]?.map(
            (name) => `export const ${name} = (...values) => once('${name}', values);`,
          );
          if (once)
            return {
              contents: `${FORGET}\nconst once = useOnce(() => require('./${pluginData}.cjs'), './${pluginData}.cjs', '${path}');\n${once.join('\n')}`,
            };
          if (pluginData === undefined) return { contents: `module.exports = ${held}` };
          const names = this.#exports.get(path) ?? [];
          const lines = names.map((name) =>
            name === 'default'
              ? 'export default it.__esModule ? it.default : it;'
              : `export const ${name} = it.${name};`,
          );
          return { contents: `const it = ${held};\n${lines.join('\n')}` };
        });
      },
    };
  }

  /** The bundle that holds a module which this one does not hold itself. */
  #holderOf(module: string, { name, modules, uses }: Bundle, dynamic: boolean): string | null {
    if (modules.includes(module)) return null;
    const used = uses.find((other) => this.#held.get(other)?.has(module));
    if (used !== undefined) return used;
    if (!dynamic) return null;
    const others = BUNDLES.filter((other) => other.name !== name && other.modules.includes(module));
    return others[0]?.name ?? null;
  }

  #checkSingle(): void {
    for (const module of SINGLE) {
      const holders = [...this.#held].filter(([, modules]) => modules.has(module)).map(([name]) => name);
      if (holders.length !== 1)
        throw new Error(`${module}: expected it in one bundle, found it in ${holders.join(', ') || 'none'}`);
    }
  }

  /** @param file of dist/ */
  #note(file: string, { outputs }: Metafile): void {
    for (const path of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
      const [, folder] = /^(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (folder === undefined) continue;
      const bundles = this.#packages.get(folder) ?? new Set();
      this.#packages.set(folder, bundles.add(file));
    }
  }
}

async function bundlePackages(name: string, packages: readonly string[]): Promise<Metafile> {
  // Each is evaluated when it is first used.
  const getters = packages.map((one) => `get '${one}'() { return require('${one}'); }`);
  const { metafile } = await build({
    ...OPTIONS,
    // Packages need the URL of their file. Our own code takes its path, which costs nothing.
    define: { ...OPTIONS.define, 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
    stdin: { contents: `module.exports = { ${getters.join(', ')} };`, resolveDir: ROOT, loader: 'js' },
    outfile: join(DIST, `${name}.cjs`),
    alias: { moment: './packaging/bundle/moment.cjs' },
  });
  return metafile;
}

/** For browsers of the last years: the oldest has `AbortSignal.any`. */
async function bundlePage(): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome116', 'firefox124', 'safari17.4'],
    minify: true,
    legalComments: 'none',
    entryPoints: [PAGE.script, PAGE.style].map((path) => ({ in: join(SOURCES, path), out: PAGE.name })),
    outdir: DIST,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** `wpa/link` for src/wpa/link.ts, or for the link.js that an import names; null for what is not in src/. */
function moduleOf(path: string): string | null {
  const [, module] = /^(.*)\.[jt]s$/.exec(relative(SOURCES, resolve(ROOT, path))) ?? [];
  return module === undefined || module.startsWith('..') ? null : module;
}

async function readExports(): Promise<Exports> {
  const options = { absWorkingDir: ROOT, outdir: DIST, format: 'esm', write: false, metafile: true } as const;
  const sources = await build({ ...options, entryPoints: ['src/**/*.ts'] });
  const exports = new Map<string, readonly string[]>();
  for (const { entryPoint, exports: names } of Object.values(sources.metafile.outputs)) {
    const module = entryPoint === undefined ? null : moduleOf(entryPoint);
    if (module !== null) exports.set(module, names);
  }
  for (const name of Object.values(PACKAGES).flat()) {
    const { metafile } = await build({ ...options, entryPoints: [name], bundle: true, platform: 'node' });
    const names = Object.values(metafile.outputs)[0]?.exports ?? [];
    exports.set(
      name,
      names.filter((exported) => /^\w+$/.test(exported)),
    );
  }
  return exports;
}

/** An entry of the library: an ECMAScript module that exports by name what the bundle has. */
function writeEntry(file: string, bundle: string, module: string, names: readonly string[]): void {
  const path = relative(dirname(file), `${bundle}.cjs`);
  const from = path.startsWith('.') ? path : `./${path}`;
  const text = `import bundle from '${from}';\nexport const { ${names.join(', ')} } = bundle['${module}'];\n`;
  mkdirSync(dirname(join(DIST, file)), { recursive: true });
  writeFileSync(join(DIST, file), text);
}

/** Copies the declarations of a module, and of those that it names. */
function copyDeclarations(module: string, copied = new Set<string>()): void {
  if (copied.has(module)) return;
  copied.add(module);
  const file = `${module}.d.ts`;
  const text = readFileSync(join(ROOT, '.build', file), 'utf8');
  mkdirSync(dirname(join(DIST, 'types', file)), { recursive: true });
  cpSync(join(ROOT, '.build', file), join(DIST, 'types', file));
  for (const [, other = ''] of text.matchAll(/(?:from |import\()["'](\.[^"']+)\.js["']/g))
    copyDeclarations(join(dirname(module), other), copied);
}

rmSync(DIST, { recursive: true, force: true });
const exports = await readExports();
const made = new Build(exports);
await made.run();
// For the bill of materials and the list of licences.
writeFileSync(join(ROOT, '.build/packages.json'), `${JSON.stringify(made.packages, null, 2)}\n`);
chmodSync(join(DIST, 'hostp2pd.cjs'), 0o755);
for (const module of ENTRIES) {
  const bundle = BUNDLES.find(({ modules }) => modules.includes(module))?.name ?? '';
  writeEntry(`${module}.js`, bundle, module, exports.get(module) ?? []);
  copyDeclarations(module);
}
