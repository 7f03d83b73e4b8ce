import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unpackNode } from './node-package.js';
import { type Architecture, type Node, table } from './table.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const USAGE = `usage: npm run prebuilds [-- FOLDER [ARCHITECTURE ...]]
Builds the addon unix-dgram for each Node.js of packaging/prebuilds/table.json.
FOLDER: where it goes; default: prebuilds, where the checkout and its packages look for it
ARCHITECTURE: ${table.architectures.map(({ debian }) => debian).join(', ')}; default: all`;

/**
 * For C++ code that runs as root: Debian's options (dpkg-buildflags), here for every compiler alike. The map of names
 * makes the result independent of the folder in which it is built.
 */
const COMPILER_FLAGS = ['-fstack-protector-strong', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2', '-Wformat'];
const LINKER_FLAGS = ['-Wl,-z,relro', '-Wl,-z,now'];

async function main([output = join(ROOT, 'prebuilds'), ...names]: readonly string[]): Promise<void> {
  const architectures = names.length === 0 ? table.architectures : names.map(architecture);
  const nodeGyp = process.env['npm_config_node_gyp'];
  if (nodeGyp === undefined || output.startsWith('-')) throw new Error(USAGE);
  for (const one of architectures) await checkCompiler(one);
  // Nothing of an earlier table may be packed.
  for (const { node } of architectures)
    for (const name of existsSync(output) ? readdirSync(output) : [])
      if (name.startsWith(`linux-${node}-abi`)) rmSync(join(output, name), { recursive: true });
  const stage = mkdtempSync(join(tmpdir(), 'hostp2pd-prebuilds-'));
  try {
    for (const node of table.nodes) {
      const headers = join(stage, `node-${node.major}`);
      await unpackNode(node.x64, 'include', headers);
      await Promise.all(
        architectures.map((one) =>
          build(one, node, { headers, nodeGyp, output, stage: join(stage, one.node) }),
        ),
      );
      rmSync(headers, { recursive: true });
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function architecture(name: string): Architecture {
  const found = table.architectures.find(({ debian }) => debian === name);
  if (found === undefined) throw new Error(`unknown architecture ${name}\n${USAGE}`);
  return found;
}

/** What the names of the compiler and its tools begin with. */
function prefixOf({ node, triplet }: Architecture): string {
  return node === process.arch ? '' : `${triplet}-`;
}

async function checkCompiler(architecture: Architecture): Promise<void> {
  const compiler = `${prefixOf(architecture)}g++`;
  const debianPackage = compiler === 'g++' ? compiler : `crossbuild-essential-${architecture.debian}`;
  try {
    await run(compiler, ['--version']);
  } catch {
    throw new Error(`${compiler} is not installed (Debian: apt install ${debianPackage})`);
  }
}

interface Place {
  /** The folder with include/node. */
  readonly headers: string;
  readonly nodeGyp: string;
  readonly output: string;
  /** A folder for this architecture. */
  readonly stage: string;
}

async function build(
  architecture: Architecture,
  { abi }: Node,
  { headers, nodeGyp, output, stage }: Place,
): Promise<void> {
  const { node: arch } = architecture;
  const prefix = prefixOf(architecture);
  rmSync(stage, { recursive: true, force: true });
  const modules = join(stage, 'node_modules');
  // Without the results of another build.
  for (const path of ['nan', 'unix-dgram/binding.gyp', 'unix-dgram/package.json', 'unix-dgram/src'])
    cpSync(join(ROOT, 'node_modules', path), join(modules, path), { recursive: true });
  const folder = join(modules, 'unix-dgram');
  // The headers for x64 serve every architecture: only config.gypi differs, and --arch replaces what matters in it.
  await run(process.execPath, [nodeGyp, 'rebuild', `--nodedir=${headers}`, `--arch=${arch}`], {
    cwd: folder,
    env: environment(prefix, stage),
    maxBuffer: 10_000_000,
  });
  const built = join(folder, 'build/Release/unix_dgram.node');
  await run(`${prefix}strip`, ['--strip-unneeded', built]);
  const target = join(output, `linux-${arch}-abi${abi}`);
  mkdirSync(target, { recursive: true });
  cpSync(built, join(target, 'unix_dgram.node'));
  console.log(join(target, 'unix_dgram.node'));
}

/** Without the settings of npm: another "nodedir" among them would replace ours without a word. */
function environment(prefix: string, stage: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const { PATH = '' } = process.env;
  const flags = [...COMPILER_FLAGS, `-ffile-prefix-map=${stage}=.`].join(' ');
  return {
    ...Object.fromEntries(own),
    // node-gyp makes binding.gyp ask this Node.js for the headers of nan.
    PATH: [dirname(process.execPath), PATH].join(delimiter),
    CC: `${prefix}gcc`,
    CXX: `${prefix}g++`,
    LINK: `${prefix}g++`,
    AR: `${prefix}ar`,
    CFLAGS: flags,
    CXXFLAGS: flags,
    CPPFLAGS: '',
    LDFLAGS: LINKER_FLAGS.join(' '),
  };
}

if (!existsSync(join(ROOT, 'node_modules/nan')))
  throw new Error('the modules are not installed: run "npm ci" first');
try {
  await main(process.argv.slice(2));
} catch (error) {
  const output = error instanceof Error && 'stderr' in error ? `${String(error.stderr)}\n` : '';
  console.error(output + (error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
