import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlFacts, ControlSocket } from '../facts.js';
import type { Sources } from '../sources.js';
import type { Accounts } from './accounts.js';
import { textOf, textsIn } from './reading.js';

/** To list a folder and enter it; to send to a socket. */
const FOLDER_BITS = 0o050;
const SOCKET_BITS = 0o020;

/** wpa_supplicant's control folder, with what each socket in it says of itself. */
export async function gatherControl(
  sources: Sources,
  accounts: Accounts,
  folder: string,
  clientFolder: string,
): Promise<ControlFacts> {
  const [owner, privateTmp, names] = await Promise.all([
    accounts.ownership(folder, FOLDER_BITS),
    hasPrivateTmp(sources.root),
    readdir(join(sources.root, folder)).catch((error: unknown) => {
      return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'denied' : 'missing';
    }),
  ]);
  const common = { folder, owner, clientFolder, privateTmp };
  if (typeof names === 'string')
    return { ...common, state: names === 'denied' ? 'denied' : 'missing', sockets: [], heldBack: [] };
  const sockets = await Promise.all(
    names.sort().map((name) => gatherSocket(sources, accounts, folder, name)),
  );
  const present = sockets.filter((socket) => socket !== null);
  return {
    ...common,
    state: 'listed',
    sockets: present,
    heldBack: await gatherHeldBack(sources, folder, present),
  };
}

async function gatherHeldBack(
  sources: Sources,
  folder: string,
  sockets: readonly ControlSocket[],
): Promise<ControlFacts['heldBack']> {
  const served = sockets.filter(({ answer }) => 'status' in answer);
  const reasons = await Promise.all(
    served.map(async ({ name }) => ({
      name,
      reason: await sources.heldBack(join(sources.root, folder), name),
    })),
  );
  return reasons.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }]));
}

async function gatherSocket(
  sources: Sources,
  accounts: Accounts,
  folder: string,
  name: string,
): Promise<ControlSocket | null> {
  const path = join(folder, name);
  const stats = await lstat(join(sources.root, path)).catch(() => null);
  if (!stats?.isSocket()) return null;
  const [owner, [outcome]] = await Promise.all([
    accounts.ownership(path, SOCKET_BITS),
    sources.ask(join(sources.root, folder), name, ['STATUS']),
  ]);
  if (outcome && 'reply' in outcome) return { name, owner, answer: { status: outcome.reply } };
  return { name, owner, answer: { code: outcome?.error.code ?? 'CONTROL_UNAVAILABLE' } };
}

const UNITS = ['wpa_supplicant.service', 'wpa_supplicant@.service'];
/** The later one wins. */
const UNIT_FOLDERS = ['lib', 'usr/lib', 'run', 'etc'].map((folder) => `${folder}/systemd/system`);

/** Whether a unit of wpa_supplicant has a /tmp of its own. */
async function hasPrivateTmp(root: string): Promise<boolean> {
  const answers = await Promise.all(
    UNITS.map(async (unit) => {
      const files = await Promise.all(UNIT_FOLDERS.map((folder) => textOf(join(root, folder, unit))));
      const additions = await Promise.all(
        UNIT_FOLDERS.map((folder) => textsIn(join(root, folder, `${unit}.d`), '.conf')),
      );
      const text = [files.findLast((file) => file !== null) ?? '', ...additions.flat()].join('\n');
      const last = [...text.matchAll(/^\s*PrivateTmp\s*=\s*(\S+)/gm)].at(-1)?.[1] ?? 'no';
      return /^(yes|true|on|1|disconnected)$/i.test(last);
    }),
  );
  return answers.includes(true);
}
