import { escapeControl } from '../logging/logger.js';
import type { Input } from '../session/messages.js';
import type { MethodChoice, PairingMethod } from '../session/model.js';
import type { Notice } from '../session/notice.js';
import { stationUseText } from '../wpa/reply.js';
import { passwordIdText, replyText } from '../wpa/status-words.js';
import { METHODS } from './event-text.js';
import {
  deviceLabel,
  failureText,
  negotiationText,
  notInvitedText,
  profileLabel,
  RADIO_OFF,
  unusableText,
} from './failure-text.js';
import { overwrittenText } from './overwritten-text.js';
import { PLAIN_REFUSALS, removalText } from './refusal-text.js';

/** A notice as its line in the log. */
export function noticeText(notice: Notice): string {
  // Names and reasons are received over the air. Escaped, what was sent can still be read.
  return escapeControl(plainText(notice));
}

function plainText(notice: Notice): string {
  switch (notice.type) {
    case 'foreign-group': {
      const what = notice.of === 'other-radio' ? 'of another radio' : 'that another device owns';
      return `${notice.interface}: a group ${what}; not managed here`;
    }
    case 'second-group':
      return `${notice.interface}: a second group; only ${notice.managed} is managed`;
    case 'older-group-ended':
      return `${notice.interface}: the end of an older group`;
    case 'group-found-again':
      return `${notice.interface}: group "${notice.ssid ?? '?'}" found again`;
    case 'channel-changed':
      return `${notice.interface}: now at ${notice.frequency} MHz`;
    case 'group-unlinked':
      return `no link to the group: ${notice.reason}`;
    case 'group-ordered':
      return `the group is ${notice.wants === 'up' ? 'started' : 'stopped'} by an operator`;
    case 'group-unwanted': {
      const removed =
        notice.because === 'stopped'
          ? 'the group is stopped, so this one is removed'
          : 'no station is left, the group is removed';
      return `${notice.interface}: ${removed}`;
    }
    case 'removal-failed':
      return removalText(notice.failure);
    case 'leftover':
      return notice.reason;
    case 'taken-for-empty':
      return `${notice.reason}; treated as an interface without a group`;
    case 'failure':
      return failureText(notice.failure);
    case 'next-attempt':
      return `the group is started again in ${notice.ms / 1000} s`;
    case 'station-awaited':
      return (
        `waiting up to ${notice.seconds} s for ${notice.radio} to connect: the radio uses one channel at a time, and the ` +
        'group has to use that of the connection'
      );
    case 'station-wait-over': {
      const { radio, use } = notice;
      return use === null
        ? `${radio} has not connected, so the group is formed without it; on the channel of the group ${radio} may not find its network`
        : `${radio} ${stationUseText(use)}: the group is formed`;
    }
    case 'profile-lost':
      return notice.interface === null
        ? 'wpa_supplicant does not know the persistent group (any more); its profile is stored again'
        : `${notice.interface}: wpa_supplicant has no profile of the group any more; it is stored again`;
    case 'wanted-profile-unusable': {
      const { profile, id } = notice;
      return profile === null
        ? `persistent_network_id: wpa_supplicant has no profile ${id} (any more); another is used`
        : `persistent_network_id: ${profileLabel(profile)} cannot be used, another is: ${unusableText(profile, null)}`;
    }
    case 'profile-unusable':
      return `${profileLabel(notice.profile)} is not used: ${unusableText(notice.profile, notice.mode)}`;
    case 'profile-unlisted':
      return (
        `${profileLabel(notice.profile)}: its name does not begin with DIRECT- and two letters or digits, so phones ` +
        'do not list it among Wi-Fi Direct devices'
      );
    case 'reinvoked':
      return `${notice.deviceAddress} comes back to persistent group ${notice.networkId ?? '?'}`;
    case 'restart-requested': {
      const refused = notice.formed
        ? ''
        : `: ${notice.halted === null ? 'persistent_reconnect=0 forbids it' : PLAIN_REFUSALS[notice.halted]}`;
      return `${notice.deviceAddress} asks to restart persistent group ${notice.networkId}${refused}`;
    }
    case 'negotiated':
      return `negotiated with ${notice.deviceAddress ?? 'a phone'}: this device is ${notice.role ?? '?'}`;
    case 'negotiation-again':
      return `${deviceLabel(notice.device)}: the negotiation failed (${negotiationText(notice.failure)}); trying again`;
    case 'negotiation-ignored':
      return `${deviceLabel(notice.device)} ${IGNORED[notice.because]}`;
    case 'enrollee-ignored': {
      const { address, because } = notice;
      const why = because === 'no-pin' ? NO_COMMON_PIN : PLAIN_REFUSALS[because];
      return `${address} tries to join by PIN without a request for one, and ${why}`;
    }
    case 'method-unknown':
      return `${deviceLabel(notice.device)} cannot join by ${passwordIdText(notice.passwordId)}`;
    case 'asks-while-halted':
      return `${deviceLabel(notice.device)} asks to join by ${METHODS[notice.method]}, and ${PLAIN_REFUSALS[notice.halted]}`;
    case 'too-many-prompts':
      return 'too many requests: for now no PIN is shown or asked for';
    case 'invited':
      return notice.failure === null
        ? `${deviceLabel(notice.device)} is invited into the group`
        : notInvitedText(notice.device, notice.failure);
    case 'invited-back':
      return `${notice.deviceAddress} is invited back to the group`;
    case 'forgotten':
      return `${notice.deviceAddress} is forgotten; it still knows the passphrase of the group, and can come back with it`;
    case 'address-missing':
      return addressMissing(notice);
    case 'method-chosen':
      return `WPS method: ${METHODS_OF_BOX[notice.used]} (${decidedBy(notice)})`;
    case 'pin-waits':
      return `${notice.address}: its PIN has to wait`;
    case 'pin-refused':
      return `${notice.address}: the PIN could not be armed: ${replyText(notice.reply)}`;
    case 'button-refused': {
      const who = notice.deviceAddress ?? 'the pairing window';
      return `${who}: the push button could not be opened: ${replyText(notice.reply)}`;
    }
    case 'button-overlap':
      return notice.openFor === 'one'
        ? 'a phone pressed the button while it was open for another; it must press again'
        : 'several devices have pressed the button at once; one must wait two minutes and press again';
    case 'wrong-pins':
      return `${notice.count} wrong PINs in a row: PINs are refused for ${notice.pauseSeconds} s`;
    case 'events-held-back': {
      const where = notice.interface ?? 'the group';
      if (notice.reason === null) return `${where}: the events of wpa_supplicant are received again`;
      return (
        `${where}: wpa_supplicant holds back its events: ${notice.reason}. Until that program reads or ends, ` +
        'phones that ask to join can go unnoticed, and stations are looked up every 10 s'
      );
    }
    case 'request-refused': {
      const { purpose, reply, radioBlock } = notice;
      const why = radioBlock === null ? '' : `; ${RADIO_OFF[radioBlock]}`;
      const request = REQUESTS.get(purpose) ?? purpose;
      return `${request}: wpa_supplicant answered ${replyText(reply)}${HINTS.get(purpose) ?? ''}${why}`;
    }
    case 'settings-overwritten':
      return overwrittenText(notice);
    case 'passphrases-unsaved':
      return (
        'per_sta_psk: the P2P device has no configuration file of its own, so the passphrases of the phones are lost when ' +
        'wpa_supplicant restarts; start it with -m FILE and -O (packaging/docs/wpa-supplicant.md)'
      );
  }
}

type NoticeOf<T extends Notice['type']> = Extract<Notice, { type: T }>;

const IGNORED: Readonly<Record<NoticeOf<'negotiation-ignored'>['because'], string>> = {
  connected: 'negotiates and is in the group',
  'too-soon': 'negotiates again too soon',
  invited: 'negotiates although it has been invited into the group a moment ago',
  'no-pin-shown': 'negotiates with a PIN, and none has been shown to it',
};

const NO_COMMON_PIN =
  'no PIN is valid for every device: that takes a fixed "pin" without pin_module, and the PIN as WPS method';

const METHODS_OF_BOX: Readonly<Record<PairingMethod, string>> = {
  pin: 'PIN, typed on the phone',
  pbc: 'push button',
};

/** Requests that are better known by their purpose. */
const REQUESTS: ReadonlyMap<string, string> = new Map([
  ['P2P_FIND', 'the search for peers'],
  ['RECONFIGURE', 'RECONFIGURE (wpa_supplicant needs a configuration file for it)'],
]);

const HINTS: ReadonlyMap<string, string> = new Map([
  [
    'SAVE_CONFIG',
    ' (it needs update_config=1 and a configuration file that it can write; with save_config_enabled: false it is not ' +
      'asked to save)',
  ],
]);

function decidedBy({ pbcInUse, configMethods }: MethodChoice): string {
  if (pbcInUse !== null) return `pbc_in_use: ${pbcInUse}`;
  if (configMethods === null) return 'the default: wpa_supplicant has no config_methods';
  const { text, keypad, pushButton } = configMethods;
  const neither = keypad || pushButton ? '' : ', which names neither keypad nor push_button';
  return `wpa_supplicant has config_methods=${text}${neither}`;
}

function addressMissing(notice: NoticeOf<'address-missing'>): string {
  const { device, interface: name, seconds, addressing, ipv6 } = notice;
  const kind = ipv6 === null ? 'address' : 'IPv4 address';
  const missing = `${deviceLabel(device)} got no ${kind} within ${seconds} s`;
  return addressing === 'none'
    ? `${missing}: no server gives addresses on ${name} (addressing: none); set addressing: dnsmasq or networkd, ` +
        'or run a DHCP server there'
    : `${missing} from ${addressing}; a firewall on this machine may block DHCP (UDP port 67), or the device does not want one`;
}

/** An input of the session in a few words, for the line that logs a change of phase. */
export function inputText(input: Input): string {
  switch (input.type) {
    case 'event':
      return input.event.type === 'unknown' ? input.event.name : input.event.type;
    case 'reply':
    case 'no-reply':
      return `${input.type} to ${input.tag.kind}`;
    case 'timer':
      return `timer ${input.timer}`;
    case 'hook-done':
      return `hook ${input.hook} done`;
    case 'link-up':
    case 'link-down':
    case 'link-missed':
    case 'link-held-back':
    case 'link-waiting':
      return `${input.link} ${input.type}`;
    default:
      return input.type;
  }
}
