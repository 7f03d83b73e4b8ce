import { join } from 'node:path';
import { isMissing } from '../../system/missing.js';
import type { ControlSocket, Facts, SupplicantProcess } from '../facts.js';
import { blocked, error, ok, orOk, unknown, type Verdicts, warning } from '../report.js';
import {
  isDown,
  isNetplan,
  isServed,
  restart,
  restartSupplicant,
  servingProcesses,
  socketFolders,
  startSupplicant,
} from '../supplicant-service.js';
import { manages } from './network-daemons.js';

const NEEDED_LINE = 'ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev';

export function controlFolder(facts: Facts): Verdicts {
  const { folder, state } = facts.control;
  if (state !== 'missing') return ok(folder);
  if (facts.supplicant.processes.length === 0)
    return blocked(`${folder} does not exist, because no wpa_supplicant runs`);
  return error(
    `${folder} does not exist: wpa_supplicant has its sockets elsewhere, or none`,
    findSockets(facts),
  );
}

/** What to do if a wpa_supplicant runs, but has no socket in our folder. A second one would only disturb it. */
function findSockets(facts: Facts): string {
  const { control, supplicant } = facts;
  const use = (folder: string) => `set ctrl_interface to ${folder} in the configuration of hostp2pd`;
  const [elsewhere] = socketFolders(facts);
  if (elsewhere !== undefined) return use(elsewhere);
  const serving = servingProcesses(facts);
  const configured = serving.flatMap(({ started }) => started).map((one) => one.controlInterface);
  const other = configured.find((text) => text !== null && !sameFolder(folderOf(text), control.folder));
  if (other) return use(`"${other}"`);
  const [process] = serving;
  if (process === undefined) return withoutInterface(facts, supplicant.processes);
  const [started] = process.started;
  if (started?.controlInterface != null)
    return `look in the log of wpa_supplicant why it has no socket in ${control.folder}; ${restart(process)}`;
  if (started?.configUnreadable) return `run the doctor as root, which can read ${started.configFile}`;
  if (started?.configFile) return `write "${NEEDED_LINE}" into ${started.configFile}; ${restart(process)}`;
  return `start wpa_supplicant (pid ${process.pid}) with -C /run/wpa_supplicant`;
}

/** They were started without an interface: the interfaces are added over D-Bus, or over a global socket. */
function withoutInterface(facts: Facts, processes: readonly SupplicantProcess[]): string {
  const [process] = processes;
  const { inUse } = facts.radios;
  const hasDevice = !isMissing(inUse) && inUse.some(({ type }) => type === 'P2P-device');
  const { networkManager } = facts.services;
  // Not every driver makes a P2P device.
  const isManaged =
    networkManager !== null && facts.device.radios.some((radio) => manages(networkManager, radio));
  if (process === undefined || !(hasDevice || isManaged)) return startSupplicant(facts);
  const option = '-O "DIR=/run/wpa_supplicant GROUP=netdev"';
  const { unit } = process;
  if (unit === null) return `start wpa_supplicant (pid ${process.pid}) with ${option}`;
  return `sudo systemctl edit ${unit}, add ${option} to its ExecStart there; sudo systemctl restart ${unit}`;
}

function folderOf(controlInterface: string): string {
  return /^DIR=(.*?)(?:\s+GROUP=\S+)?\s*$/.exec(controlInterface)?.[1] ?? controlInterface;
}

/** `/var/run` is a link to `/run`. */
function sameFolder(one: string, other: string): boolean {
  const plain = (path: string) => path.replace(/^\/var\/run\//, '/run/').replace(/\/+$/, '');
  return plain(one) === plain(other);
}

export function controlPermission(facts: Facts): Verdicts {
  const { control, user, supplicant } = facts;
  if (user.uid === 0) return ok('root has access');
  if (control.state === 'missing') return blocked(`${control.folder} does not exist`);
  const socket = control.sockets.find(({ answer }) => 'code' in answer && answer.code === 'CONTROL_DENIED');
  const denied = control.state === 'denied' ? control : socket;
  if (denied === undefined) {
    if (control.sockets.length === 0) return blocked(`there are no sockets in ${control.folder}`);
    return ok(`${user.name} has access`);
  }
  const path = control.state === 'denied' ? control.folder : join(control.folder, socket?.name ?? '');
  const message = `${path}: permission denied for ${user.name}`;
  const { owner } = denied;
  if (owner === null) return error(message, 'run hostp2pd as root');
  const { group } = owner;
  if (group === null) {
    const onlyOwner = `${message}; only ${owner.user} has access`;
    if (supplicant.processes.some(isNetplan))
      return error(`${onlyOwner}, which is how netplan sets it up`, 'run hostp2pd as root');
    return error(
      onlyOwner,
      `write "${NEEDED_LINE}" into wpa_supplicant.conf; ${restartSupplicant(facts)}; or run hostp2pd as root`,
    );
  }
  return error(
    `${message}; access is for group ${group}`,
    owner.needsLogin
      ? `log in again: ${user.name} was added to ${group} after this login`
      : `sudo usermod -aG ${group} ${user.name}; then log in again`,
  );
}

export function controlSocket(facts: Facts): Verdicts {
  const { folder, state, sockets } = facts.control;
  if (state === 'missing') return blocked(`${folder} does not exist`);
  if (state === 'denied') return blocked(`${folder} cannot be read`);
  if (sockets.length === 0) {
    if (isDown(facts)) return blocked(`${folder} is empty, because no wpa_supplicant runs`);
    return error(
      `there is no socket in ${folder}: wpa_supplicant serves no interface there`,
      findSockets(facts),
    );
  }
  const verdicts = sockets.flatMap((socket) => judgeSocket(facts, socket));
  const served = sockets.filter(({ answer }) => 'status' in answer).map(({ name }) => name);
  if (verdicts.length === 0 && served.length === 0) return blocked('permission denied for all sockets');
  return orOk(verdicts, `${served.join(', ')} ${served.length === 1 ? 'answers' : 'answer'}`);
}

function judgeSocket(facts: Facts, { name, answer }: ControlSocket): Verdicts {
  const path = join(facts.control.folder, name);
  if ('status' in answer) return [];
  if (answer.code === 'CONTROL_UNAVAILABLE') {
    const message = `${path} is left over: no program listens on it`;
    // Beside sockets that answer it does no harm.
    if (isServed(facts)) return warning(message, { safe: [['rm', path]] });
    return error(message, `start wpa_supplicant, which creates it again: ${restartSupplicant(facts)}`);
  }
  if (answer.code === 'CONTROL_TIMEOUT')
    return error(
      `${path} does not answer`,
      `fix client-folder if that is an error; else restart wpa_supplicant: ${restartSupplicant(facts)}`,
    );
  // Other errors (permission, our own folder) have their own checks.
  return [];
}

export function controlEvents(facts: Facts): Verdicts {
  if (!isServed(facts)) return blocked('wpa_supplicant does not answer');
  const { folder, heldBack } = facts.control;
  const verdicts = heldBack.flatMap(({ name, reason }) =>
    isMissing(reason)
      ? unknown(`${join(folder, name)}: whether events arrive could not be tested: ${reason.missing}`)
      : error(
          `${join(folder, name)}: wpa_supplicant holds back its events from all programs: ${reason}`,
          'end that program, or let it continue: fg in its terminal, or kill -CONT <pid>',
        ),
  );
  return orOk(verdicts, 'events arrive');
}

const PRIVATE_FOLDER = /^\/(?:var\/)?tmp(?:\/|$)/;

export function clientFolder(facts: Facts): Verdicts {
  const { clientFolder: folder, privateTmp } = facts.control;
  if (isServed(facts)) return ok(`wpa_supplicant answers to ${folder}`);
  const { processes } = facts.supplicant;
  const blind = processes.find(({ seesClients }) => seesClients === false);
  const unit = (blind ?? processes[0])?.unit ?? 'wpa_supplicant';
  const fix = `sudo systemctl edit ${unit}, write [Service] and PrivateTmp=no there; sudo systemctl restart ${unit}; or set XDG_RUNTIME_DIR`;
  if (blind)
    return error(`wpa_supplicant (pid ${blind.pid}) does not see ${folder}, so its replies are lost`, fix);
  if (processes.length > 0 && privateTmp && PRIVATE_FOLDER.test(folder))
    return error(`wpa_supplicant has a /tmp of its own and does not see ${folder}`, fix);
  return blocked('wpa_supplicant does not answer');
}
