import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeText } from '#src/host/notice-text.js';
import type { Notice } from '#src/session/notice.js';
import { parseConfigMethods } from '#src/wpa/reply.js';

type NoticeOf<T extends Notice['type']> = Extract<Notice, { type: T }>;

const GROUP = 'p2p-wlan0-0';
const PHONE = '42:00:00:00:01:00';
const device = { deviceAddress: PHONE, name: 'Phone A' };
const profile = { id: 2, ssid: 'DIRECT-xy', persistent: true, disabled: true };
const reply = 'FAIL\n';
const NAME_CHANGED = { key: 'device_name', wanted: 'Box', found: 'raspberrypi' };

/** Each case is one line of the log. A variant without a line does not compile. */
const SENTENCES = {
  'foreign-group': [
    [`${GROUP}: a group of another radio; not managed here`, { interface: GROUP, of: 'other-radio' }],
    [`${GROUP}: a group that another device owns; not managed here`, { interface: GROUP, of: 'other-owner' }],
  ],
  'second-group': [
    [`p2p-wlan0-1: a second group; only ${GROUP} is managed`, { interface: 'p2p-wlan0-1', managed: GROUP }],
  ],
  'older-group-ended': [[`${GROUP}: the end of an older group`, { interface: GROUP }]],
  'group-found-again': [
    [`${GROUP}: group "DIRECT-xy" found again`, { interface: GROUP, ssid: 'DIRECT-xy' }],
    [`${GROUP}: group "?" found again`, { interface: GROUP, ssid: null }],
  ],
  'channel-changed': [[`${GROUP}: now at 2437 MHz`, { interface: GROUP, frequency: 2437 }]],
  'group-unlinked': [['no link to the group: no socket', { reason: 'no socket' }]],
  'group-ordered': [
    ['the group is started by an operator', { wants: 'up' }],
    ['the group is stopped by an operator', { wants: 'gone' }],
  ],
  'group-unwanted': [
    [`${GROUP}: the group is stopped, so this one is removed`, { interface: GROUP, because: 'stopped' }],
    [`${GROUP}: no station is left, the group is removed`, { interface: GROUP, because: 'empty' }],
  ],
  'removal-failed': [
    ['P2P_GROUP_REMOVE: wpa_supplicant answered FAIL', { failure: { cause: 'refused', reply: 'FAIL\n' } }],
    [
      `${GROUP} has not ended within 10 s of P2P_GROUP_REMOVE`,
      { failure: { cause: 'timed-out', interface: GROUP, seconds: 10 } },
    ],
  ],
  leftover: [['cannot remove it', { reason: 'cannot remove it' }]],
  'taken-for-empty': [['no socket; treated as an interface without a group', { reason: 'no socket' }]],
  failure: [['another program did it', { failure: { kind: 'vanished', culprit: 'another program did it' } }]],
  'next-attempt': [['the group is started again in 1.5 s', { ms: 1500 }]],
  'station-awaited': [
    [
      'waiting up to 20 s for wlan0 to connect: the radio uses one channel at a time, and the group has to use that of the ' +
        'connection',
      { radio: 'wlan0', seconds: 20 },
    ],
  ],
  'station-wait-over': [
    [
      'wlan0 is connected to "home" at 2437 MHz: the group is formed',
      { radio: 'wlan0', use: { state: 'connected', ssid: 'home', frequency: 2437 } },
    ],
    [
      'wlan0 has not connected, so the group is formed without it; on the channel of the group wlan0 may not find its network',
      { radio: 'wlan0', use: null },
    ],
  ],
  'profile-lost': [
    [
      'wpa_supplicant does not know the persistent group (any more); its profile is stored again',
      { interface: null },
    ],
    [
      `${GROUP}: wpa_supplicant has no profile of the group any more; it is stored again`,
      { interface: GROUP },
    ],
  ],
  'wanted-profile-unusable': [
    [
      'persistent_network_id: wpa_supplicant has no profile 2 (any more); another is used',
      { id: 2, profile: null },
    ],
    [
      'persistent_network_id: profile 2 "DIRECT-xy" cannot be used, another is: it has disabled=1; mode=3 and ' +
        'disabled=2 mark a persistent group of this device',
      { id: 2, profile: { ...profile, persistent: false } },
    ],
  ],
  'profile-unusable': [
    [
      'profile 2 "DIRECT-xy" is not used: it has mode=2; mode=3 and disabled=2 mark a persistent group of this device',
      { profile, mode: 2 },
    ],
  ],
  'profile-unlisted': [
    [
      'profile 2 "home": its name does not begin with DIRECT- and two letters or digits, so phones do not list it among ' +
        'Wi-Fi Direct devices',
      { profile: { ...profile, ssid: 'home' } },
    ],
  ],
  reinvoked: [
    [`${PHONE} comes back to persistent group 2`, { deviceAddress: PHONE, networkId: 2 }],
    [`${PHONE} comes back to persistent group ?`, { deviceAddress: PHONE, networkId: null }],
  ],
  'restart-requested': [
    [
      `${PHONE} asks to restart persistent group 2`,
      { deviceAddress: PHONE, networkId: 2, formed: true, halted: null },
    ],
    [
      `${PHONE} asks to restart persistent group 2: persistent_reconnect=0 forbids it`,
      { deviceAddress: PHONE, networkId: 2, formed: false, halted: null },
    ],
    [
      `${PHONE} asks to restart persistent group 2: the session is paused`,
      { deviceAddress: PHONE, networkId: 2, formed: false, halted: 'paused' },
    ],
  ],
  negotiated: [
    [`negotiated with ${PHONE}: this device is GO`, { deviceAddress: PHONE, role: 'GO' }],
    ['negotiated with a phone: this device is ?', { deviceAddress: null, role: null }],
  ],
  'negotiation-again': [
    [
      `${PHONE} "Phone A": the negotiation failed (no answer (status -1)); trying again`,
      { device, failure: { cause: 'status', status: -1 } },
    ],
  ],
  'negotiation-ignored': [
    [`${PHONE} "Phone A" negotiates and is in the group`, { device, because: 'connected' }],
    [`${PHONE} "Phone A" negotiates again too soon`, { device, because: 'too-soon' }],
    [
      `${PHONE} "[unknown]" negotiates with a PIN, and none has been shown to it`,
      { device: { ...device, name: null }, because: 'no-pin-shown' },
    ],
    [
      `${PHONE} "Phone A" negotiates although it has been invited into the group a moment ago`,
      { device, because: 'invited' },
    ],
  ],
  'enrollee-ignored': [
    [
      `${PHONE} tries to join by PIN without a request for one, and no PIN is valid for every device: that takes a fixed ` +
        '"pin" without pin_module, and the PIN as WPS method',
      { address: PHONE, because: 'no-pin' },
    ],
    [
      `${PHONE} tries to join by PIN without a request for one, and the session is paused`,
      { address: PHONE, because: 'paused' },
    ],
  ],
  'method-unknown': [
    [`${PHONE} "Phone A" cannot join by NFC (WPS password id 7)`, { device, passwordId: 7 }],
  ],
  'asks-while-halted': [
    [
      `${PHONE} "Phone A" asks to join by a PIN that it shows, and the group is stopped`,
      { device, method: 'keypad', halted: 'group-stopped' },
    ],
  ],
  'too-many-prompts': [['too many requests: for now no PIN is shown or asked for', {}]],
  invited: [
    [`${PHONE} "Phone A" is invited into the group`, { device, failure: null }],
    [`${PHONE} "Phone A" could not be invited: no answer`, { device, failure: { cause: 'no-answer' } }],
  ],
  'invited-back': [[`${PHONE} is invited back to the group`, { deviceAddress: PHONE }]],
  forgotten: [
    [
      `${PHONE} is forgotten; it still knows the passphrase of the group, and can come back with it`,
      { deviceAddress: PHONE },
    ],
  ],
  'address-missing': [
    [
      `${PHONE} "Phone A" got no address within 20 s: no server gives addresses on ${GROUP} (addressing: none); set ` +
        'addressing: dnsmasq or networkd, or run a DHCP server there',
      { device, interface: GROUP, seconds: 20, addressing: 'none', ipv6: null },
    ],
    [
      `${PHONE} "Phone A" got no address within 20 s from dnsmasq; a firewall on this machine may block DHCP ` +
        '(UDP port 67), or the device does not want one',
      { device, interface: GROUP, seconds: 20, addressing: 'dnsmasq', ipv6: null },
    ],
    [
      `${PHONE} "Phone A" got no IPv4 address within 20 s from dnsmasq; a firewall on this machine may block DHCP ` +
        '(UDP port 67), or the device does not want one',
      { device, interface: GROUP, seconds: 20, addressing: 'dnsmasq', ipv6: 'fe80::1%p2p-wlan0-0' },
    ],
  ],
  'method-chosen': [
    ['WPS method: push button (pbc_in_use: true)', { used: 'pbc', pbcInUse: true, configMethods: null }],
    [
      'WPS method: PIN, typed on the phone (the default: wpa_supplicant has no config_methods)',
      { used: 'pin', pbcInUse: null, configMethods: null },
    ],
    [
      'WPS method: PIN, typed on the phone (wpa_supplicant has config_methods=keypad display)',
      { used: 'pin', pbcInUse: null, configMethods: parseConfigMethods('keypad display\n') },
    ],
    [
      'WPS method: PIN, typed on the phone (wpa_supplicant has config_methods=label, which names neither keypad nor ' +
        'push_button)',
      { used: 'pin', pbcInUse: null, configMethods: parseConfigMethods('label') },
    ],
  ],
  'pin-waits': [['46:00:00:00:01:00: its PIN has to wait', { address: '46:00:00:00:01:00' }]],
  'pin-refused': [
    [
      'any: the PIN could not be armed: FAIL-INVALID-PIN (the PIN is not valid)',
      { address: 'any', reply: 'FAIL-INVALID-PIN\n' },
    ],
  ],
  'button-refused': [
    [`${PHONE}: the push button could not be opened: FAIL`, { deviceAddress: PHONE, reply }],
    [
      'the pairing window: the push button could not be opened: FAIL-PBC-OVERLAP (several devices have pressed the button)',
      { deviceAddress: null, reply: 'FAIL-PBC-OVERLAP\n' },
    ],
  ],
  'button-overlap': [
    ['a phone pressed the button while it was open for another; it must press again', { openFor: 'one' }],
    [
      'several devices have pressed the button at once; one must wait two minutes and press again',
      { openFor: 'all' },
    ],
  ],
  'wrong-pins': [['3 wrong PINs in a row: PINs are refused for 60 s', { count: 3, pauseSeconds: 60 }]],
  'events-held-back': [
    [
      `${GROUP}: wpa_supplicant holds back its events: wpa_gui does not read. Until that program reads or ends, phones ` +
        'that ask to join can go unnoticed, and stations are looked up every 10 s',
      { interface: GROUP, reason: 'wpa_gui does not read' },
    ],
    ['the group: the events of wpa_supplicant are received again', { interface: null, reason: null }],
  ],
  'request-refused': [
    ['ssid_postfix: wpa_supplicant answered FAIL', { purpose: 'ssid_postfix', reply, radioBlock: null }],
    [
      'the search for peers: wpa_supplicant answered FAIL; the radio is switched off by software (rfkill); "rfkill ' +
        'unblock wlan" switches it on',
      { purpose: 'P2P_FIND', reply, radioBlock: 'software' },
    ],
    [
      'RECONFIGURE (wpa_supplicant needs a configuration file for it): wpa_supplicant answered FAIL',
      { purpose: 'RECONFIGURE', reply, radioBlock: null },
    ],
    [
      'SAVE_CONFIG: wpa_supplicant answered FAIL (it needs update_config=1 and a configuration file that it can write; ' +
        'with save_config_enabled: false it is not asked to save)',
      { purpose: 'SAVE_CONFIG', reply, radioBlock: null },
    ],
  ],
  'settings-overwritten': [
    [
      'another program has set device_name to "raspberrypi"; it is set to "Box" again. NetworkManager from 1.60 on does ' +
        'that: wifi-p2p.device-name=Box in a [device] section in /etc/NetworkManager/conf.d prevents it ("hostp2pd doctor" ' +
        'prints the command)',
      { settings: [NAME_CHANGED], setBack: true },
    ],
    [
      'another program sets device_name to "raspberrypi" again and again; it is left so, and phones see that name. ' +
        'NetworkManager from 1.60 on does that: wifi-p2p.device-name=Box in a [device] section in ' +
        '/etc/NetworkManager/conf.d prevents it ("hostp2pd doctor" prints the command)',
      { settings: [NAME_CHANGED], setBack: false },
    ],
    [
      'another program has changed update_config, config_methods, or let wpa_supplicant read its file again; they are set again',
      {
        settings: [
          { key: 'update_config', wanted: '0', found: '1' },
          { key: 'config_methods', wanted: 'keypad', found: 'display' },
        ],
        setBack: true,
      },
    ],
    [
      'another program changes device_name, config_methods again and again, or lets wpa_supplicant read its file; they are ' +
        'left so',
      {
        settings: [NAME_CHANGED, { key: 'config_methods', wanted: 'keypad', found: 'display' }],
        setBack: false,
      },
    ],
  ],
  'passphrases-unsaved': [
    [
      'per_sta_psk: the P2P device has no configuration file of its own, so the passphrases of the phones are lost when ' +
        'wpa_supplicant restarts; start it with -m FILE and -O (packaging/docs/wpa-supplicant.md)',
      {},
    ],
  ],
} satisfies {
  readonly [T in Notice['type']]: readonly (readonly [line: string, data: Omit<NoticeOf<T>, 'type'>])[];
};

for (const [type, cases] of Object.entries(SENTENCES)) {
  test(type, () => {
    for (const [line, data] of cases) assert.equal(noticeText({ type, ...data } as Notice), line);
  });
}

test('control characters in a name are escaped, so that what was sent can be read', () => {
  const notice = { type: 'group-found-again', interface: GROUP, ssid: 'a\u001b[2Jb\u202ec' } as const;
  assert.equal(noticeText(notice), `${GROUP}: group "a\\x1b[2Jb\\u202ec" found again`);
});
