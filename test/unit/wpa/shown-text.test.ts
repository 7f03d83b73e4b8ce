import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SecretMask } from '#src/recording/secret-mask.js';
import { HIDDEN, redact } from '#src/system/secrets.js';
import { EVENT_NAMES, parseEvent } from '#src/wpa/event.js';
import { hidesTypedRequest, isOpenEvent, shownEvent, shownReply, shownRequest } from '#src/wpa/shown-text.js';

const STATION = '02:00:00:00:01:00';
const SECRET = 'Zq7SecretZq7';
const PIN = '52107733';
const logged = (request: string) => redact(shownRequest(request));

/** The commands of wpa_supplicant and hostapd that take or tell a secret, each with one (ctrl_iface.c, up to 2026). */
const SECRET_REQUESTS = [
  ...[
    'PASSWORD',
    'NEW_PASSWORD',
    'IDENTITY',
    'PIN',
    'OTP',
    'PASSPHRASE',
    'SIM',
    'PSK_PASSPHRASE',
    'EXT_CERT_CHECK',
  ].map((field) => `CTRL-RSP-${field}-0:${SECRET}`),
  `DPP_AUTH_INIT peer=1 conf=sta-psk ssid=6d79 pass=${SECRET}`,
  `DPP_AUTH_INIT peer=1 conf=sta-psk psk=${SECRET}`,
  `DPP_CONFIGURATOR_ADD curve=prime256v1 key=${SECRET}`,
  `DPP_CONFIGURATOR_SIGN conf=ap-psk pass=${SECRET}`,
  `DPP_CONFIGURATOR_SIGN conf=ap-psk psk=${SECRET} configurator=1`,
  `DPP_BOOTSTRAP_GEN type=qrcode key=${SECRET}`,
  `DPP_PKEX_ADD own=1 identifier=a code=${SECRET}`,
  `DPP_CONF_SET 1 ${SECRET}`,
  `NFC_REPORT_HANDOVER RESP WPS 00 ${SECRET}`,
  `WPS_NFC_TAG_READ ${SECRET}`,
  `WPS_NFC any ${SECRET}`,
  `PMKSA_ADD 0 ${STATION} 0011 ${SECRET} 100 100 1 0`,
  `MESH_PMKSA_ADD ${STATION} 00 ${SECRET} 100`,
  `WPS_REG ${STATION} ${PIN} 6d79 WPA2PSK CCMP ${SECRET}`,
  `WPS_ER_CONFIG uuid ${PIN} 6d79 WPA2PSK CCMP ${SECRET}`,
  `WPS_ER_PIN any ${PIN}`,
  `WPS_ER_LEARN uuid ${PIN}`,
  `WPS_AP_PIN set ${PIN} 300`,
  `WPS_CHECK_PIN ${PIN}`,
  `WPS_PIN any ${PIN} 120`,
  `P2P_CONNECT ${STATION} ${PIN} display persistent`,
  `P2P_CONNECT ${STATION} pbc password=${SECRET}`,
  `PR_SET_DIK_CONTEXT cipher=1 dik=${SECRET}`,
  `SET_CRED 0 password "${SECRET}"`,
  `SET_CRED 0 milenage ${SECRET}`,
  `SET external_sim ${SECRET}`,
  `SET wps_nfc_dev_pw ${SECRET}`,
  `SET wps_nfc_dh_privkey ${SECRET}`,
  `SET sae_password ${SECRET}`,
  ...[
    'psk',
    'sae_password',
    'sae_password_id',
    'wep_key0',
    'password',
    'private_key_passwd',
    'private_key2_passwd',
  ].map((key) => `SET_NETWORK 0 ${key} "${SECRET}"`),
  ...[
    'mka_cak',
    'mka_ckn',
    'pin',
    'pin2',
    'dpp_connector',
    'dpp_netaccesskey',
    'dpp_csign',
    'dpp_pp_key',
  ].map((key) => `SET_NETWORK 12 ${key} ${SECRET}`),
  `IFNAME=wlan0 SET_NETWORK 0 psk "${SECRET}"`,
  `IFNAME=wlan0 DPP_AUTH_INIT pass=${SECRET}`,
  `A_COMMAND_OF_TOMORROW ${SECRET}`,
  `tomorrow ${SECRET}`,
];

/** Events with a secret (wpa_ctrl.h). */
const SECRET_EVENTS = [
  `DPP-CONFOBJ-PASS ${SECRET}`,
  `DPP-CONFOBJ-PSK ${SECRET}`,
  `DPP-CONFOBJ-IDPASS ${SECRET}`,
  `DPP-CONNECTOR ${SECRET}`,
  `DPP-C-SIGN-KEY ${SECRET}`,
  `DPP-NET-ACCESS-KEY ${SECRET}`,
  `DPP-PP-KEY ${SECRET}`,
  `CTRL-REQ-OTP-0:Challenge ${SECRET} needed for SSID x`,
  `CTRL-REQ-SIM-0:${SECRET}`,
  `CTRL-EVENT-EAP-NOTIFICATION ${SECRET}`,
  `WPS-CRED-RECEIVED ${SECRET}`,
  `WPS-NEW-AP-SETTINGS ${SECRET}`,
  `WPS-ER-AP-SETTINGS uuid=1 ssid=a network_key=${SECRET}`,
  `WPS-AP-PIN-ENABLED ${PIN}`,
  `P2P-PROV-DISC-SHOW-PIN ${STATION} ${PIN} p2p_dev_addr=${STATION}`,
  `P2P-GROUP-STARTED p2p-wlan0-0 GO ssid="DIRECT-ab" freq=2412 passphrase="${SECRET}" go_dev_addr=${STATION}`,
  `Control interface command 'DPP_AUTH_INIT pass=${SECRET}'`,
  `Control interface command 'WPS_PIN any ${PIN}'`,
  `AN-EVENT-OF-TOMORROW ${SECRET}`,
];

test('no request, event or reply with a secret is shown with it, in a log or in a recording', () => {
  const hides = (text: string, from: string) => assert.doesNotMatch(text, /Zq7|5210/, from);
  for (const request of SECRET_REQUESTS) hides(logged(request), request);
  for (const event of SECRET_EVENTS) {
    hides(redact(shownEvent(event)), event);
    hides(
      parseEvent(event).type === 'unknown' ? JSON.stringify({ ...parseEvent(event), text: '' }) : '',
      event,
    );
    hides(new SecretMask().json({ input: { type: 'event', text: shownEvent(event) } }), event);
    assert.equal(isOpenEvent(event), false, event);
  }
  for (const request of [
    ...SECRET_REQUESTS.map((one) => one.replaceAll(SECRET, 'x').replaceAll(PIN, '')).filter(
      (one) => !/^SET |^(?:IFNAME=\S+ )?SET_NETWORK/.test(one),
    ),
    ...['WPS_AP_PIN get', 'WPS_PIN get', 'P2P_GET_PASSPHRASE', 'DPP_CONFIGURATOR_GET_KEY 1', 'P2P_PMK_GET'],
    ...[
      'GET sae_password',
      'GET_NETWORK 0 dpp_connector',
      'WPS_NFC_CONFIG_TOKEN NDEF',
      'GET_CRED 0 password',
    ],
  ]) {
    hides(redact(shownReply(request, `${SECRET}\n`)), request);
    for (const bare of ['OK\n', 'FAIL\n', 'FAIL-BUSY\n', 'UNKNOWN COMMAND\n', ''])
      assert.equal(shownReply(request, bare), bare);
  }
  for (const request of SECRET_REQUESTS) assert.ok(hidesTypedRequest(`wpa group ${request}`), request);
  assert.ok(hidesTypedRequest(`hostp2pd.wpa('DPP_AUTH_INIT pass=${SECRET}')`));
});

describe('what helps to find a fault is shown as it is', () => {
  test('requests', () => {
    for (const request of [
      'PING',
      'STATUS',
      'STATUS-DRIVER',
      'P2P_GROUP_ADD persistent=0 freq=2437',
      `P2P_CONNECT ${STATION} pbc persistent go_intent=15`,
      `P2P_INVITE persistent=0 peer=${STATION}`,
      'SET config_methods display keypad',
      'SET device_name Box of mine',
      'SET p2p_passphrase_len 8',
      'SET wps_cred_processing 1',
      'P2P_SET listen_channel 1 81',
      'SET_NETWORK 0 ssid 4449524543542d6162',
      'SET_NETWORK 0 key_mgmt WPA-PSK',
      `SET_NETWORK 0 p2p_client_list ${STATION}`,
      'SET_NETWORK 0 mem_only_psk 1',
      `STA ${STATION}`,
      'STA-FIRST',
      'WPS_PBC',
      'DPP_STOP_LISTEN',
    ]) {
      assert.equal(logged(request), request);
      assert.equal(hidesTypedRequest(`wpa ${request}`), false, request);
    }
    assert.equal(logged(`WPS_PIN any ${PIN} 120`), `WPS_PIN any ${HIDDEN} 120`);
    assert.equal(logged('DPP_AUTH_INIT peer=1'), `DPP_AUTH_INIT ${HIDDEN}`);
    for (const line of ['find 10', 'connect "TV Set"', 'invite My Phone'])
      assert.equal(hidesTypedRequest(line), false, line);
  });

  test('replies', () => {
    assert.equal(shownReply('STATUS', 'wpa_state=COMPLETED\n'), 'wpa_state=COMPLETED\n');
    assert.equal(shownReply('GET p2p_no_group_iface', '1'), '1');
    assert.equal(shownReply('GET_NETWORK 0 mode', '3'), '3');
  });

  test('events', () => {
    for (const event of [
      ...EVENT_NAMES.map((name) => `${name} ${STATION} x=1`),
      'P2P-BOOTSTRAP-REQUEST bootstrap_methods=1',
      'CTRL-EVENT-SIGNAL-CHANGE above=1 signal=-40',
      'DFS-CAC-START freq=5260',
      'P2P: Group is up',
      "Trying to associate with SSID 'x'",
      'A-NAME-ALONE ',
    ]) {
      assert.equal(shownEvent(event), event);
    }
    assert.equal(shownEvent('DPP-CONNECTOR eyJ0'), `DPP-CONNECTOR ${HIDDEN}`);
    assert.equal(shownEvent('CTRL-REQ-OTP-0:words'), `CTRL-REQ-OTP-0 ${HIDDEN}`);
  });
});

test('the name of an event ends before the words of a server', () => {
  const event = parseEvent('CTRL-REQ-PASSWORD-0:Password needed');
  assert.ok(event.type === 'unknown');
  assert.equal(event.name, 'CTRL-REQ-PASSWORD-0');
});
