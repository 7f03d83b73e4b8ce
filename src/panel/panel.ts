import { rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { readAnyFile, replaceFile } from '../system/files.js';
import { panelUrlFile } from '../system/folders.js';
import { inQuotes } from '../system/values.js';
import { Live } from './live.js';
import { isEveryAddress, isLoopback, type ListenAddress } from './security.js';
import { PanelServer } from './server.js';
import { freshToken, tokenInFile } from './token.js';

/** `hostp2pd panel`: the web page, in a process of its own. It needs no rights but the group of the control socket. */

interface PanelOutput {
  readonly say: (line: string) => void;
  readonly complain: (message: string) => void;
  /** Aborts when the process is to end. */
  readonly end: AbortSignal;
}

const DEFAULT_PORT = 8649;
const MAX_ASSET_BYTES = 1_000_000;
/** Interval between attempts to listen at an address that the machine does not have yet. */
const AGAIN_MS = 2_000;

/**
 * The optimizing compilers of V8. The panel has too little work for them, and their code and what they make take 8 MB with
 * Node.js 24. NODE_OPTIONS does not allow these options.
 */
const COMPILERS = ['--no-opt', '--no-maglev'] as const;

/**
 * Serves until it is ended.
 * @param interfaceName of the daemon; default: the only one
 * @param options `listen`, `token-file` and `private` of the command line
 * @throws {HostP2pError} USAGE where it cannot listen
 */
export async function runPanel(
  interfaceName: string | undefined,
  options: ReadonlyMap<string, string | true>,
  output: PanelOutput,
): Promise<void> {
  for (const flag of COMPILERS) setFlagsFromString(flag);
  const wanted = parseListen(String(options.get('listen') ?? '127.0.0.1'));
  const file = options.get('token-file');
  const token = typeof file === 'string' ? await tokenInFile(file, output.complain) : freshToken();
  const open = async () => RemoteTarget.connect(await findControlSocket(interfaceName));
  const [script, style] = await Promise.all([asset('panel-page.js'), asset('panel-page.css')]);
  const server = new PanelServer({
    live: new Live(open),
    token,
    locked: options.has('private'),
    script,
    style,
    complain: output.complain,
  });
  const listening = await listen(server, wanted, output);
  if (listening === null) return;
  const { address, port } = listening;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
  // For `hostp2pd handover`. No phone reaches an address that is only for this machine.
  const urlFile = isLoopback(address) ? null : await writeUrl(url);
  output.say(`panel at ${url}, for a small screen ${url}kiosk`);
  output.say(`token for operators: ${typeof file === 'string' ? `in ${file}` : token}`);
  // Without a daemon the panel waits for one; the reason is logged once.
  await open().catch((error: unknown) => output.complain(`${messageOf(error)}; waiting`));
  if (!output.end.aborted) await new Promise((resolve) => output.end.addEventListener('abort', resolve));
  await server.close();
  if (urlFile !== null) await rm(urlFile, { force: true }).catch(() => {});
}

/**
 * Writes the address of the panel where the daemon finds it, if the panel is a service: its unit makes the folder.
 * @returns the file; null where there is none
 */
async function writeUrl(url: string): Promise<string | null> {
  const file = panelUrlFile();
  try {
    await replaceFile(file, `${url}\n`, { mode: 0o644 });
    return file;
  } catch {
    return null;
  }
}

/** `ADDRESS`, `ADDRESS:PORT`, `[IPV6]:PORT`. @throws {HostP2pError} USAGE */
export function parseListen(text: string): ListenAddress {
  const [, v6, v4, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = v6 ?? v4 ?? text;
  const port = Number(digits ?? DEFAULT_PORT);
  if (isIP(address) === 0 || port > 65_535)
    throw new HostP2pError(
      'USAGE',
      `panel: expected an IP address, with or without a port, got ${inQuotes(text)}`,
    );
  // All addresses would show the passphrase to every network of the machine.
  if (isEveryAddress(address))
    throw new HostP2pError(
      'USAGE',
      'panel: expected one address, got all of them; name the address of the group',
    );
  return { address, port };
}

/** The address of the group may come later: then it waits for it. Null where it is ended meanwhile. */
async function listen(
  server: PanelServer,
  wanted: ListenAddress,
  { complain, end }: PanelOutput,
): Promise<ListenAddress | null> {
  for (let reported = false; !end.aborted; reported = true) {
    try {
      return await server.listen(wanted);
    } catch (cause) {
      const place = `${wanted.address} port ${wanted.port}`;
      if (codeOf(cause) !== 'EADDRNOTAVAIL')
        throw new HostP2pError('USAGE', `panel: cannot listen at ${place}: ${messageOf(cause)}`, { cause });
      if (!reported) complain(`this machine does not have the address ${wanted.address} yet; waiting`);
      await setTimeout(AGAIN_MS, undefined, { signal: end }).catch(() => {});
    }
  }
  return null;
}

/** Part of the program: it lies beside its bundle. */
async function asset(name: string): Promise<string> {
  return (await readAnyFile(join(import.meta.dirname, name), { maxBytes: MAX_ASSET_BYTES })).bytes.toString();
}
