import { isFailure } from '../wpa/reply.js';
import { configMethods } from './apply.js';
import { groupRemoved } from './event-input.js';
import { formationAnswered, networkAdded, networkSet, networksListed } from './formation.js';
import { groupChecked, groupStatus } from './group.js';
import { runningGroup } from './held.js';
import { candidateStatus, deviceStatus, interfacesListed } from './inspection.js';
import type { Tag } from './model.js';
import { startWalk, stationNamed, walkReply } from './stations.js';
import type { Turn } from './turn.js';

/** The reply to a request, by what was asked. A reply that its phase no longer waits for changes nothing. */
export function replyInput(turn: Turn, tag: Tag, reply: string): void {
  const { phase } = turn.state;
  const running = runningGroup(turn);
  switch (tag.kind) {
    case 'device-status':
      return deviceStatus(turn, reply);
    case 'config-methods':
      return configMethods(turn, reply);
    case 'interfaces':
      if (phase.name === 'inspecting') interfacesListed(turn, phase.held, reply);
      return;
    case 'adoption':
      return candidateStatus(turn, reply);
    case 'networks':
      if (phase.name === 'choosing') networksListed(turn, phase.profiles, reply);
      return;
    case 'add-network':
      if (phase.name === 'storing') networkAdded(turn, reply);
      return;
    case 'set-network':
      if (phase.name === 'storing' && phase.networkId !== null)
        networkSet(turn, phase.networkId, tag.line, reply);
      return;
    case 'group-add':
      if (phase.name === 'forming') formationAnswered(turn, reply);
      return;
    case 'group-status':
      if (running && !isFailure(reply)) groupStatus(turn, running, reply);
      return;
    case 'walk':
      return walkReply(turn, reply);
    case 'station-name':
      return stationNamed(turn, tag.address, reply);
    case 'group-check':
      if (running && groupChecked(turn, running, reply)) groupRemoved(turn, running.interface, 'found gone');
      else if (running?.linkUp) startWalk(turn);
      return;
    case 'farewell':
      return;
    case 'arm':
      if (isFailure(reply)) turn.log('error', `${tag.address}: the PIN could not be armed: ${reply.trim()}`);
      return;
    case 'noted':
      if (isFailure(reply)) turn.log(tag.level, `${tag.what}: wpa_supplicant answered ${reply.trim()}`);
      return;
  }
}

/** A request that got no answer: the loss of its link is told separately and settles all but these. */
export function noReplyInput(turn: Turn, tag: Tag): void {
  if (tag.kind === 'walk') walkReply(turn, null);
  else if (tag.kind === 'station-name') stationNamed(turn, tag.address, null);
}
