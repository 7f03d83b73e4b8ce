import { isFailure } from '../wpa/reply.js';
import { refusalText } from '../wpa/status-words.js';
import { valueCame } from './apply.js';
import { buttonAnswered } from './arming.js';
import { networkAdded, networkSet, networksListed, profileMode } from './choice.js';
import { unheardGroup } from './deafness.js';
import { groupVanished } from './event-input.js';
import { RADIO_OFF, rest } from './formation.js';
import { channelsTold, radioUseTold } from './formation-failure.js';
import { groupChecked, groupStatus, refreshGroup } from './group.js';
import {
  clientsTold,
  fileClientsTold,
  modeTold,
  passphraseTold,
  profilesListed,
  restoreProfile,
} from './group-profile.js';
import { runningGroup } from './held.js';
import {
  candidateSilent,
  candidateStatus,
  deviceStatus,
  interfacesListed,
  interfacesUnknown,
} from './inspection.js';
import { invitationAnswered } from './invitation.js';
import { driverTold, groupSharing, stationUseTold } from './keep-station.js';
import type { Input, Tag } from './messages.js';
import { ANYBODY } from './model.js';
import { formationAnswered } from './negotiation.js';
import { operatorAnswered } from './operator.js';
import { removalRefused } from './operator-group.js';
import { closePairing } from './pairing.js';
import { unusedTold } from './profile-warnings.js';
import { isRecalling, recallAnswered } from './recall.js';
import { pinRefused } from './registrar.js';
import { stationNamed, walkReply } from './stations.js';
import { configSaved } from './supplicant-values.js';
import type { Turn } from './turn.js';

/** The reply to a request, by what was asked. A reply that its phase no longer waits for changes nothing. */
export function replyInput(turn: Turn, tag: Tag, reply: string): void {
  const { phase } = turn.state;
  const running = runningGroup(turn);
  switch (tag.kind) {
    case 'device-status':
      return deviceStatus(turn, reply);
    case 'value':
      return valueCame(turn, tag.key, reply);
    case 'group-sharing':
      return groupSharing(turn, reply);
    case 'driver':
      return driverTold(turn, reply);
    case 'station-use':
      return stationUseTold(turn, tag.call, reply);
    case 'interfaces':
      if (phase.name === 'inspecting') interfacesListed(turn, phase.held, reply);
      else unheardGroup(turn, reply);
      return;
    case 'adoption':
      return candidateStatus(turn, reply);
    case 'networks':
      if (phase.name === 'choosing') networksListed(turn, phase, reply);
      return;
    case 'profile-mode':
      if (phase.name === 'choosing') profileMode(turn, phase, reply);
      return;
    case 'unused-profile':
      return unusedTold(turn, tag.profile, reply);
    case 'add-network':
      if (phase.name === 'storing') networkAdded(turn, phase, reply);
      return;
    case 'set-network':
      if (phase.name === 'storing') networkSet(turn, phase, tag.line, reply);
      return;
    case 'group-add':
      if (phase.name === 'forming') formationAnswered(turn, reply);
      return;
    case 'channels':
      if (phase.name === 'forming') channelsTold(turn, tag.failure, tag.wanted, reply);
      return;
    case 'radio-use':
      if (phase.name === 'forming') radioUseTold(turn, tag.failure, tag.wanted, reply);
      return;
    case 'group-remove':
      if (running && isFailure(reply)) removalRefused(turn, running, reply);
      return;
    case 'group-status':
      if (running && !isFailure(reply) && groupStatus(turn, running, reply)) groupVanished(turn, running);
      return;
    case 'group-profile':
      return profilesListed(turn, tag.before, reply);
    case 'group-profile-mode':
      return modeTold(turn, reply);
    case 'group-passphrase':
      return passphraseTold(turn, reply);
    case 'group-clients':
      return clientsTold(turn, reply);
    case 'file-clients':
      return fileClientsTold(turn, tag.networkId, reply);
    case 'restore-profile':
      return restoreProfile(turn, reply);
    case 'walk':
      return walkReply(turn, reply);
    case 'station-name':
      return stationNamed(turn, tag.address, reply);
    case 'group-check':
      if (!running) return unheardGroup(turn, reply);
      if (running && groupChecked(turn, running, reply, tag.reason)) groupVanished(turn, running);
      else if (running?.linkUp) refreshGroup(turn);
      return;
    case 'farewell':
      return;
    case 'arm':
      if (!isFailure(reply)) return;
      turn.log('error', `${tag.address}: the PIN could not be armed: ${refusalText(reply)}`);
      pinRefused(turn, tag.address);
      if (tag.address === ANYBODY) closePairing(turn, 'failed');
      return;
    case 'button':
      return buttonAnswered(turn, tag.deviceAddress, reply);
    case 'invite':
      return isRecalling(turn) ? recallAnswered(turn, reply) : invitationAnswered(turn, reply);
    case 'save':
      return configSaved(turn, reply);
    case 'operator':
      return operatorAnswered(turn, tag.id, tag.what, reply);
    case 'noted':
      return note(turn, tag, reply);
  }
}

/** The search alone is asked for every few seconds; its refusal is told when it begins. */
function note(turn: Turn, { level, what }: Extract<Tag, { kind: 'noted' }>, reply: string): void {
  const refused = new Set(turn.state.notedRefusals);
  const before = refused.has(what);
  if (isFailure(reply)) {
    refused.add(what);
    const block = turn.world.radioBlock?.() ?? null;
    const why = block === null ? '' : `; ${RADIO_OFF[block]}`;
    turn.log(before ? 'debug' : level, `${what}: wpa_supplicant answered ${refusalText(reply)}${why}`);
  } else {
    refused.delete(what);
  }
  if (before !== refused.has(what)) turn.update({ notedRefusals: refused });
}

/**
 * A request that got no answer. Usually its link is lost with it, which is told separately; but nothing may be taken for
 * answered, and nothing may wait for ever, where it is not.
 */
export function noReplyInput(turn: Turn, { tag, code, reason }: Extract<Input, { type: 'no-reply' }>): void {
  const { phase } = turn.state;
  switch (tag.kind) {
    case 'interfaces':
      return interfacesUnknown(turn, reason);
    case 'adoption':
      return candidateSilent(turn, reason);
    case 'networks':
    case 'profile-mode':
      if (phase.name === 'choosing')
        rest(turn, { kind: 'no-answer', detail: '', text: reason }, phase.occasion === null);
      return;
    case 'add-network':
    case 'set-network':
      if (phase.name === 'storing')
        rest(turn, { kind: 'no-answer', detail: '', text: reason }, phase.occasion === null);
      return;
    case 'channels':
      if (phase.name === 'forming') channelsTold(turn, tag.failure, tag.wanted, null);
      return;
    case 'radio-use':
      if (phase.name === 'forming') radioUseTold(turn, tag.failure, tag.wanted, null);
      return;
    case 'walk':
      return walkReply(turn, null);
    case 'station-name':
      return stationNamed(turn, tag.address, null);
    case 'restore-profile':
      return restoreProfile(turn, `FAIL (${reason})`);
    case 'button':
      return buttonAnswered(turn, tag.deviceAddress, `FAIL (${reason})`);
    case 'station-use':
      return stationUseTold(turn, tag.call, null);
    case 'operator':
      return turn.refuse(tag.id, code, reason);
    // A timer watches over each of these: forming, removal, invitation, the turn of a PIN, stopping.
    case 'group-add':
    case 'group-remove':
    case 'invite':
    case 'arm':
    case 'farewell':
    // Asked again with the next look at the group, or the next attachment.
    case 'device-status':
    case 'value':
    case 'file-clients':
    case 'group-sharing':
    case 'driver':
    case 'group-status':
    case 'group-check':
    case 'group-profile':
    case 'group-profile-mode':
    case 'group-passphrase':
    case 'group-clients':
    case 'unused-profile':
    case 'save':
    case 'noted':
      return;
  }
}
