import { join } from 'node:path';
import type { ControlSocket, Facts, SupplicantProcess } from '../facts.js';
import { type Check, fault, ok, orOk, unknown, type Verdict, warning } from '../finding.js';
import {
  isDown,
  isMissing,
  isNetplan,
  isServed,
  restart,
  restartSupplicant,
  servingProcesses,
  socketFolders,
  startSupplicant,
} from './subject.js';

const NEEDED_LINE = 'ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev';

export const controlChecks: readonly Check[] = [
  {
    id: 'control-folder',
    uses: ['ctrl_interface'],
    looksAt: "whether wpa_supplicant's control folder (`ctrl_interface`) is there",
    judge: judgeFolder,
  },
  {
    id: 'control-permission',
    asUser: true,
    uses: ['ctrl_interface'],
    looksAt: 'whether the folder and its sockets may be used by this user; which group they ask for, if any',
    judge: judgePermission,
  },
  {
    id: 'control-socket',
    uses: ['ctrl_interface'],
    looksAt: 'whether somebody answers on the sockets in it, or they are left over from a crash',
    judge: judgeSockets,
  },
  {
    id: 'client-folder',
    uses: ['ctrl_interface'],
    looksAt: 'whether wpa_supplicant sees our own sockets, or has a /tmp of its own (`PrivateTmp`)',
    judge: judgeClientFolder,
  },
  {
    id: 'control-events',
    looksAt:
      'whether wpa_supplicant sends its events, or holds them back because a program does not read them',
    judge: judgeEvents,
  },
];

function judgeFolder(facts: Facts): readonly Verdict[] {
  const { folder, state } = facts.control;
  if (state !== 'missing') return ok(folder);
  if (facts.supplicant.processes.length === 0)
    return unknown(`${folder} is not there, for no wpa_supplicant runs`);
  return fault(
    `${folder} is not there: wpa_supplicant has its sockets elsewhere, or none`,
    findSockets(facts),
  );
}

/** What to do where a wpa_supplicant runs and has no socket in our folder. A second one would only disturb it. */
function findSockets(facts: Facts): string {
  const { control, supplicant } = facts;
  const use = (folder: string) => `set ctrl_interface to ${folder} in the configuration of hostp2pd`;
  const [elsewhere] = socketFolders(facts);
  if (elsewhere !== undefined) return use(elsewhere);
  const serving = servingProcesses(facts);
  const named = serving.flatMap(({ started }) => started).map(({ controlInterface }) => controlInterface);
  const other = named.find((text) => text !== null && !sameFolder(folderOf(text), control.folder));
  if (other) return use(`"${other}"`);
  const [process] = serving;
  if (process === undefined) return withoutInterface(facts, supplicant.processes);
  const started = process.started[0];
  if (started?.controlInterface != null)
    return `look at the log of wpa_supplicant for why it has no socket in ${control.folder}; ${restart(process)}`;
  if (started?.hiddenConfig) return `run the doctor as root: ${started.configFile} may not be read`;
  if (started?.configFile) return `write "${NEEDED_LINE}" into ${started.configFile}; ${restart(process)}`;
  return `start wpa_supplicant (pid ${process.pid}) with -C /run/wpa_supplicant`;
}

/** They were started for no interface: each one that they serve was added, over D-Bus or their global socket. */
function withoutInterface(facts: Facts, processes: readonly SupplicantProcess[]): string {
  const [process] = processes;
  const { inUse } = facts.radios;
  const hasDevice = !isMissing(inUse) && inUse.some(({ type }) => type === 'P2P-device');
  if (process === undefined || !hasDevice) return startSupplicant(facts);
  const option = '-O "DIR=/run/wpa_supplicant GROUP=netdev"';
  const { unit } = process;
  if (unit === null) return `start wpa_supplicant (pid ${process.pid}) with ${option}`;
  return `sudo systemctl edit ${unit}, add ${option} to its ExecStart there; sudo systemctl restart ${unit}`;
}

function folderOf(controlInterface: string): string {
  return /^DIR=(.*?)(?:\s+GROUP=\S+)?\s*$/.exec(controlInterface)?.[1] ?? controlInterface;
}

/** `/var/run` is `/run`. */
function sameFolder(one: string, other: string): boolean {
  const plain = (path: string) => path.replace(/^\/var\/run\//, '/run/').replace(/\/+$/, '');
  return plain(one) === plain(other);
}

function judgePermission(facts: Facts): readonly Verdict[] {
  const { control, user, supplicant } = facts;
  if (user.uid === 0) return ok('root may use them');
  if (control.state === 'missing') return unknown(`${control.folder} is not there`);
  const denied = control.sockets.filter(({ answer }) => 'code' in answer && answer.code === 'CONTROL_DENIED');
  const one = control.state === 'denied' ? control : denied[0];
  if (one === undefined) {
    if (control.sockets.length === 0) return unknown(`there are no sockets in ${control.folder}`);
    return ok(`${user.name} may use them`);
  }
  const path = control.state === 'denied' ? control.folder : join(control.folder, denied[0]?.name ?? '');
  const message = `${path}: permission denied to ${user.name}`;
  const { owner } = one;
  if (owner === null) return fault(message, 'run hostp2pd as root');
  if (owner.group === null && supplicant.processes.some(isNetplan))
    return fault(`${message}; it is for ${owner.user} alone, as netplan has it`, 'run hostp2pd as root');
  if (owner.group === null)
    return fault(
      `${message}; it is for ${owner.user} alone`,
      `write "${NEEDED_LINE}" into wpa_supplicant.conf; ${restartSupplicant(facts)}; or run hostp2pd as root`,
    );
  const forGroup = `${message}; it is for group ${owner.group}`;
  if (owner.joined)
    return fault(forGroup, `log in again: ${user.name} is in ${owner.group}, but not in this login`);
  return fault(forGroup, `sudo usermod -aG ${owner.group} ${user.name}, and log in again`);
}

function judgeSockets(facts: Facts): readonly Verdict[] {
  const { folder, state, sockets } = facts.control;
  if (state === 'missing') return unknown(`${folder} is not there`);
  if (state === 'denied') return unknown(`${folder} may not be read`);
  if (sockets.length === 0)
    return isDown(facts)
      ? unknown(`${folder} is empty, for no wpa_supplicant runs`)
      : fault(
          `there is no socket in ${folder}: wpa_supplicant serves no interface there`,
          findSockets(facts),
        );
  const verdicts = sockets.flatMap((socket) => judgeSocket(facts, socket));
  const served = sockets.filter(({ answer }) => 'status' in answer).map(({ name }) => name);
  if (verdicts.length === 0 && served.length === 0) return unknown('they may not be asked');
  return orOk(verdicts, `${served.join(', ')} ${served.length === 1 ? 'answers' : 'answer'}`);
}

function judgeSocket(facts: Facts, { name, answer }: ControlSocket): readonly Verdict[] {
  const path = join(facts.control.folder, name);
  if ('status' in answer) return [];
  if (answer.code === 'CONTROL_UNAVAILABLE') {
    const message = `${path} is left over: nobody listens there`;
    // Beside sockets that answer it only lies about.
    if (isServed(facts)) return warning(message, `rm ${path}`);
    return fault(message, `${restartSupplicant(facts)}: wpa_supplicant makes it again`);
  }
  if (answer.code === 'CONTROL_TIMEOUT')
    return fault(
      `${path} does not answer`,
      `unless client-folder has a fault, restart wpa_supplicant: ${restartSupplicant(facts)}`,
    );
  // What else stands in the way (permission, our own folder) has a check of its own.
  return [];
}

function judgeEvents(facts: Facts): readonly Verdict[] {
  if (!isServed(facts)) return unknown('wpa_supplicant does not answer');
  const { folder, heldBack } = facts.control;
  const verdicts = heldBack.map(({ name, reason }) =>
    fault(
      `${join(folder, name)}: wpa_supplicant holds back its events from all programs: ${reason}`,
      'end that program, or let it go on: fg in its terminal, or kill -CONT <pid>',
    ),
  );
  return orOk(verdicts.flat(), 'they come');
}

const PRIVATE_FOLDER = /^\/(?:var\/)?tmp(?:\/|$)/;

function judgeClientFolder(facts: Facts): readonly Verdict[] {
  const { clientFolder, privateTmp } = facts.control;
  if (isServed(facts)) return ok(`wpa_supplicant answers to ${clientFolder}`);
  const { processes } = facts.supplicant;
  const hidden = processes.find(({ seesClients }) => seesClients === false);
  const unit = (hidden ?? processes[0])?.unit ?? 'wpa_supplicant';
  const cure = `sudo systemctl edit ${unit}, write [Service] and PrivateTmp=no there; sudo systemctl restart ${unit}; or set XDG_RUNTIME_DIR`;
  if (hidden)
    return fault(
      `wpa_supplicant (pid ${hidden.pid}) does not see ${clientFolder}: its answers get lost`,
      cure,
    );
  if (processes.length > 0 && privateTmp && PRIVATE_FOLDER.test(clientFolder))
    return fault(`wpa_supplicant has a /tmp of its own and does not see ${clientFolder}`, cure);
  return unknown('wpa_supplicant does not answer');
}
