import assert from 'node:assert/strict';
import type { LinkName } from '#src/session/model.js';
import { type EventName, parseEvent } from '#src/wpa/event.js';
import { LINES } from '../wpa/event-samples.js';
import { IGNORED_EVENTS } from '../wpa/ignored-samples.js';
import { REMOVED, STARTED } from './dialogue.js';
import { ATTACHED, type Case, type InputOf, LIVE, NOWHERE, phone } from './every-phase.js';

/** Every event of wpa_supplicant, and the phases in which it does something. */

const UUID = '572cf82f-c957-5653-9b16-b5cfb298abf1';
const FOUND =
  `P2P-DEVICE-FOUND ${phone.device} p2p_dev_addr=${phone.device} pri_dev_type=10-0050F204-5 name='A' ` +
  'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';

export function event(link: LinkName, text: string): InputOf<'event'> {
  return { type: 'event', link, event: parseEvent(text) };
}

/** For an event that every phase ignores, its recorded samples are used. */
const EVENTS: { readonly [E in EventName]: readonly Case<InputOf<'event'>>[] | 'ignored' } = {
  'P2P-DEVICE-FOUND': [[event('device', FOUND), LIVE]],
  'P2P-DEVICE-LOST': 'ignored',
  'P2P-FIND-STOPPED': [[event('device', 'P2P-FIND-STOPPED '), ['idle']]],
  'P2P-PROV-DISC-SHOW-PIN': [[event('device', phone.asksByPin), LIVE]],
  'P2P-PROV-DISC-ENTER-PIN': [[event('device', phone.asksShowingPin), LIVE]],
  'P2P-PROV-DISC-PBC-REQ': [[event('device', phone.asksByButton), LIVE]],
  'P2P-PROV-DISC-PBC-RESP': 'ignored',
  'P2P-PROV-DISC-FAILURE': 'ignored',
  'P2P-GO-NEG-REQUEST': [[event('device', phone.negotiates(1)), LIVE]],
  'P2P-GO-NEG-SUCCESS': [
    // The group that is forming in this table is not negotiated.
    [event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`), NOWHERE],
  ],
  'P2P-GO-NEG-FAILURE': [[event('device', 'P2P-GO-NEG-FAILURE status=-1'), NOWHERE]],
  'P2P-GROUP-FORMATION-SUCCESS': 'ignored',
  'P2P-GROUP-FORMATION-FAILURE': [[event('device', 'P2P-GROUP-FORMATION-FAILURE '), NOWHERE]],
  'P2P-GROUP-STARTED': [[event('device', STARTED), LIVE]],
  'P2P-GROUP-REMOVED': [
    // The session notes the number of its interface.
    [event('device', REMOVED), LIVE.filter((phase) => phase !== 'backoff')],
  ],
  'P2P-INVITATION-RECEIVED': [
    [event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0`), LIVE],
  ],
  'P2P-INVITATION-ACCEPTED': [
    [event('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`), LIVE],
  ],
  'P2P-INVITATION-RESULT': [[event('device', 'P2P-INVITATION-RESULT status=0'), NOWHERE]],
  'P2P-PERSISTENT-PSK-FAIL': 'ignored',
  'P2P-REMOVE-AND-REFORM-GROUP': [[event('device', 'P2P-REMOVE-AND-REFORM-GROUP '), ['running']]],
  'P2P-CROSS-CONNECT-ENABLE': 'ignored',
  'P2P-CROSS-CONNECT-DISABLE': 'ignored',
  'P2P-SERV-DISC-REQ': 'ignored',
  'P2P-SERV-DISC-RESP': 'ignored',
  'P2P-FALLBACK-TO-GO-NEG': 'ignored',
  'AP-ENABLED': 'ignored',
  'AP-DISABLED': [[event('group', 'AP-DISABLED '), ['running']]],
  'AP-STA-CONNECTED': [
    [event('group', phone.joins), ['running']],
    // While the link to the group is up, the copy on that link counts.
    [event('device', phone.joins), NOWHERE],
  ],
  'AP-STA-DISCONNECTED': [[event('group', phone.leaves), ['running']]],
  'AP-REJECTED-MAX-STA': [[event('group', `AP-REJECTED-MAX-STA ${phone.station}`), ['running']]],
  'AP-REJECTED-BLOCKED-STA': [[event('group', `AP-REJECTED-BLOCKED-STA ${phone.station}`), ['running']]],
  'AP-STA-POSSIBLE-PSK-MISMATCH': [
    [event('group', `AP-STA-POSSIBLE-PSK-MISMATCH ${phone.station}`), ['running']],
  ],
  'AP-STA-POLL-OK': 'ignored',
  'AP-CSA-FINISHED': 'ignored',
  'EAPOL-4WAY-HS-COMPLETED': 'ignored',
  'WPS-ENROLLEE-SEEN': [[event('group', phone.seen), ['running']]],
  'WPS-PIN-NEEDED': [[event('group', `WPS-PIN-NEEDED ${UUID} ${phone.station} []`), ['running']]],
  'WPS-REG-SUCCESS': [[event('group', `WPS-REG-SUCCESS ${phone.station} ${UUID}`), NOWHERE]],
  'WPS-SUCCESS': 'ignored',
  'WPS-FAIL': [[event('group', 'WPS-FAIL msg=8 config_error=18'), ['running']]],
  'WPS-M2D': 'ignored',
  'WPS-PBC-ACTIVE': [[event('group', 'WPS-PBC-ACTIVE '), ['running']]],
  'WPS-PBC-DISABLE': [[event('group', 'WPS-PBC-DISABLE '), NOWHERE]],
  'WPS-PIN-ACTIVE': 'ignored',
  'WPS-TIMEOUT': [[event('group', 'WPS-TIMEOUT '), NOWHERE]],
  'WPS-OVERLAP-DETECTED': 'ignored',
  'WPS-CANCEL': 'ignored',
  'WPS-AP-SETUP-LOCKED': 'ignored',
  'WPS-AP-SETUP-UNLOCKED': 'ignored',
  'CTRL-EVENT-CONNECTED': 'ignored',
  'CTRL-EVENT-DISCONNECTED': 'ignored',
  'CTRL-EVENT-ASSOC-REJECT': 'ignored',
  'CTRL-EVENT-AUTH-REJECT': 'ignored',
  'CTRL-EVENT-SSID-TEMP-DISABLED': 'ignored',
  'CTRL-EVENT-SSID-REENABLED': 'ignored',
  'CTRL-EVENT-NETWORK-NOT-FOUND': 'ignored',
  'INTERFACE-ENABLED': 'ignored',
  'INTERFACE-DISABLED': 'ignored',
  'CTRL-EVENT-EAP-STARTED': [[event('group', `CTRL-EVENT-EAP-STARTED ${phone.station}`), NOWHERE]],
  'CTRL-EVENT-EAP-PROPOSED-METHOD': 'ignored',
  'CTRL-EVENT-EAP-RETRANSMIT': 'ignored',
  'CTRL-EVENT-EAP-RETRANSMIT2': 'ignored',
  'CTRL-EVENT-EAP-SUCCESS': 'ignored',
  'CTRL-EVENT-EAP-SUCCESS2': 'ignored',
  'CTRL-EVENT-EAP-FAILURE': 'ignored',
  'CTRL-EVENT-EAP-FAILURE2': 'ignored',
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': 'ignored',
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE2': 'ignored',
  'CTRL-EVENT-STARTED-CHANNEL-SWITCH': 'ignored',
  'CTRL-EVENT-CHANNEL-SWITCH': [[event('group', 'CTRL-EVENT-CHANNEL-SWITCH freq=2462 dfs=0'), ['running']]],
  'CTRL-EVENT-REGDOM-CHANGE': 'ignored',
  'CTRL-EVENT-AVOID-FREQ': 'ignored',
  'CTRL-EVENT-DSCP-POLICY': 'ignored',
  'CTRL-EVENT-SCAN-STARTED': 'ignored',
  'CTRL-EVENT-SCAN-RESULTS': 'ignored',
  'CTRL-EVENT-SCAN-FAILED': 'ignored',
  'CTRL-EVENT-NETWORK-ADDED': 'ignored',
  'CTRL-EVENT-NETWORK-REMOVED': 'ignored',
  'CTRL-EVENT-BSS-ADDED': 'ignored',
  'CTRL-EVENT-BSS-REMOVED': 'ignored',
  'CTRL-EVENT-TERMINATING': [[event('device', 'CTRL-EVENT-TERMINATING '), ATTACHED]],
  'RX-PROBE-REQUEST': 'ignored',
};

function samplesOf(name: string): Case<InputOf<'event'>>[] {
  const lines = LINES.filter((line) => line.name === name);
  assert.ok(lines.length > 0, name);
  return lines.flatMap(({ text }): Case<InputOf<'event'>>[] => [
    [event('device', text), NOWHERE],
    [event('group', text), NOWHERE],
  ]);
}

/** Every event in every phase. */
export const EVENT_CASES: readonly Case<InputOf<'event'>>[] = [
  ...Object.entries(EVENTS).flatMap(([name, cases]) => (cases === 'ignored' ? samplesOf(name) : cases)),
  [event('device', 'SOMETHING-NEW a=b'), NOWHERE],
  ...IGNORED_EVENTS.flatMap(([, text]): Case<InputOf<'event'>>[] => [
    [event('device', text), NOWHERE],
    [event('group', text), NOWHERE],
  ]),
];
