import { join } from 'node:path';
import type { ControlSocket, Facts } from '../facts.js';
import { type Check, fault, ok, orOk, unknown, type Verdict, warning } from '../finding.js';
import { isDown, isServed, socketFolders } from './subject.js';

const NEEDED_LINE = 'ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev';

export const controlChecks: readonly Check[] = [
  {
    id: 'control-folder',
    looksAt: "whether wpa_supplicant's control folder (`ctrl_interface`) is there",
    judge: judgeFolder,
  },
  {
    id: 'control-permission',
    looksAt: 'whether the folder and its sockets may be used by this user; which group they ask for, if any',
    judge: judgePermission,
  },
  {
    id: 'control-socket',
    looksAt: 'whether somebody answers on the sockets in it, or they are left over from a crash',
    judge: judgeSockets,
  },
  {
    id: 'client-folder',
    looksAt: 'whether wpa_supplicant sees our own sockets, or has a /tmp of its own (`PrivateTmp`)',
    judge: judgeClientFolder,
  },
];

function judgeFolder(facts: Facts): readonly Verdict[] {
  const { folder, state } = facts.control;
  if (state !== 'missing') return ok(folder);
  if (facts.supplicant.processes.length === 0)
    return unknown(`${folder} is not there, for no wpa_supplicant runs`);
  const message = `${folder} is not there: wpa_supplicant has its sockets elsewhere, or none`;
  const [elsewhere] = socketFolders(facts);
  if (elsewhere !== undefined)
    return fault(message, `set ctrl_interface to ${elsewhere} in the configuration of hostp2pd`);
  const started = facts.supplicant.processes.flatMap((process) => process.started);
  const named = started.find(({ controlInterface }) => controlInterface !== null)?.controlInterface;
  if (named) return fault(message, `set ctrl_interface to "${named}" in the configuration of hostp2pd`);
  const file = started.find(({ configFile }) => configFile !== null)?.configFile;
  if (file) return fault(message, `write "${NEEDED_LINE}" into ${file}, and restart wpa_supplicant`);
  return fault(message, 'start wpa_supplicant with -O "DIR=/run/wpa_supplicant GROUP=netdev"');
}

function judgePermission(facts: Facts): readonly Verdict[] {
  const { control, user } = facts;
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
  if (owner.group === null)
    return fault(
      `${message}; it is for ${owner.user} alone`,
      `write "${NEEDED_LINE}" into wpa_supplicant.conf and restart wpa_supplicant, or run hostp2pd as root`,
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
          'start wpa_supplicant for the radio: systemctl enable --now wpa_supplicant@wlan0',
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
    return fault(message, 'restart wpa_supplicant, which makes it anew: systemctl restart wpa_supplicant');
  }
  if (answer.code === 'CONTROL_TIMEOUT')
    return fault(
      `${path} does not answer`,
      'restart wpa_supplicant, unless client-folder has a fault: systemctl restart wpa_supplicant',
    );
  // What else stands in the way (permission, our own folder) has a check of its own.
  return [];
}

const PRIVATE_FOLDER = /^\/(?:var\/)?tmp(?:\/|$)/;

function judgeClientFolder(facts: Facts): readonly Verdict[] {
  const { clientFolder, privateTmp } = facts.control;
  if (isServed(facts)) return ok(`wpa_supplicant answers to ${clientFolder}`);
  const { processes } = facts.supplicant;
  const hidden = processes.find(({ seesClients }) => seesClients === false);
  const cure =
    'sudo systemctl edit wpa_supplicant, write [Service] and PrivateTmp=no there, and restart it; or set XDG_RUNTIME_DIR';
  if (hidden)
    return fault(
      `wpa_supplicant (pid ${hidden.pid}) does not see ${clientFolder}: its answers get lost`,
      cure,
    );
  if (processes.length > 0 && privateTmp && PRIVATE_FOLDER.test(clientFolder))
    return fault(`wpa_supplicant has a /tmp of its own and does not see ${clientFolder}`, cure);
  return unknown('wpa_supplicant does not answer');
}
