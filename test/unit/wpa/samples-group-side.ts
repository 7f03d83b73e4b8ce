import type { Samples } from './event-samples.js';

const STATION = { line: '46:00:00:00:01:00', fields: { address: '46:00:00:00:01:00' } } as const;
const BARE = { line: '', fields: { extra: {} } } as const;
const UUID = '572cf82f-c957-5653-9b16-b5cfb298abf1';

/** Events of a group interface in the forms that wpa_supplicant 2.10 gives them (src/ap, src/eap_server, events.c). */
export const GROUP_SIDE = {
  'AP-ENABLED': [BARE],
  'AP-DISABLED': [BARE],
  'AP-STA-CONNECTED': [
    {
      line: '46:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00',
      fields: { address: '46:00:00:00:01:00', deviceAddress: '42:00:00:00:01:00', extra: {} },
    },
    {
      line: '02:00:00:00:03:00',
      fields: { address: '02:00:00:00:03:00', deviceAddress: null, extra: {} },
    },
    {
      line:
        '46:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 ip_addr=192.168.42.5 keyid=phone ' +
        'dpp_pkhash=00ff vlanid=2',
      fields: {
        address: '46:00:00:00:01:00',
        deviceAddress: '42:00:00:00:01:00',
        extra: { ip_addr: '192.168.42.5', keyid: 'phone', dpp_pkhash: '00ff', vlanid: '2' },
      },
    },
  ],
  'AP-STA-DISCONNECTED': [
    {
      line: '46:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00',
      fields: { address: '46:00:00:00:01:00', deviceAddress: '42:00:00:00:01:00', extra: {} },
    },
    {
      line: '02:00:00:00:03:0A',
      fields: { address: '02:00:00:00:03:0a', deviceAddress: null, extra: {} },
    },
  ],
  'AP-REJECTED-MAX-STA': [STATION],
  'AP-REJECTED-BLOCKED-STA': [STATION],
  'AP-STA-POSSIBLE-PSK-MISMATCH': [STATION],
  'AP-STA-POLL-OK': [STATION],
  'AP-CSA-FINISHED': [{ line: 'freq=2462 dfs=0', fields: { frequency: 2462, extra: { dfs: '0' } } }],
  'EAPOL-4WAY-HS-COMPLETED': [STATION],
  'WPS-ENROLLEE-SEEN': [
    {
      line: `46:00:00:00:01:00 ${UUID} 0-00000000-0 0x3148 0 1 [ ]`,
      fields: {
        address: '46:00:00:00:01:00',
        uuid: UUID,
        deviceType: '0-00000000-0',
        configMethods: 0x3148,
        devicePasswordId: 0,
        requestType: 1,
        name: '',
      },
    },
    {
      line: `46:00:00:00:01:00 ${UUID} 10-0050F204-5 0x188 4 1 [Galaxy S9]`,
      fields: {
        address: '46:00:00:00:01:00',
        uuid: UUID,
        deviceType: '10-0050F204-5',
        configMethods: 0x188,
        devicePasswordId: 4,
        requestType: 1,
        name: 'Galaxy S9',
      },
    },
  ],
  'WPS-PIN-NEEDED': [
    {
      line: `${UUID} 46:00:00:00:01:00 [Galaxy S9|samsung|SM-G960F|SM-G960F|123456|10-0050F204-5]`,
      fields: {
        uuid: UUID,
        address: '46:00:00:00:01:00',
        description: 'Galaxy S9|samsung|SM-G960F|SM-G960F|123456|10-0050F204-5',
      },
    },
  ],
  'WPS-REG-SUCCESS': [
    { line: `46:00:00:00:01:00 ${UUID}`, fields: { address: '46:00:00:00:01:00', uuid: UUID } },
  ],
  'WPS-SUCCESS': [BARE],
  'WPS-FAIL': [
    {
      line: 'msg=8 config_error=18',
      fields: { message: 8, configError: 18, reason: null, extra: {} },
    },
    {
      line: 'msg=5 config_error=0 reason=2 (WEP Prohibited)',
      fields: { message: 5, configError: 0, reason: 2, extra: { '(WEP': '', 'Prohibited)': '' } },
    },
  ],
  'WPS-M2D': [
    {
      line: 'dev_password_id=4 config_error=0',
      fields: { devicePasswordId: 4, configError: 0, extra: {} },
    },
    // An access point's own registrar says no more (wps_hostapd.c).
    { line: '', fields: { devicePasswordId: null, configError: null, extra: {} } },
  ],
  'WPS-PBC-ACTIVE': [BARE],
  'WPS-PBC-DISABLE': [BARE],
  'WPS-PIN-ACTIVE': [BARE],
  'WPS-TIMEOUT': [BARE],
  'WPS-OVERLAP-DETECTED': [BARE],
  'WPS-CANCEL': [BARE],
  'WPS-AP-SETUP-LOCKED': [BARE],
  'WPS-AP-SETUP-UNLOCKED': [BARE],
  'CTRL-EVENT-CONNECTED': [
    {
      line: '- Connection to 42:00:00:00:00:01 completed [id=0 id_str=]',
      fields: {
        bssid: '42:00:00:00:00:01',
        id: 0,
        text: '- Connection to 42:00:00:00:00:01 completed [id=0 id_str=]',
      },
    },
    // Of a later form, or another driver.
    { line: '- Roamed', fields: { bssid: null, id: null, text: '- Roamed' } },
  ],
  'CTRL-EVENT-DISCONNECTED': [
    {
      line: 'bssid=42:00:00:00:00:01 reason=3 locally_generated=1',
      fields: { bssid: '42:00:00:00:00:01', reason: 3, locallyGenerated: true, extra: {} },
    },
    {
      line: 'bssid=42:00:00:00:00:01 reason=-4',
      fields: { bssid: '42:00:00:00:00:01', reason: -4, locallyGenerated: false, extra: {} },
    },
  ],
  'CTRL-EVENT-ASSOC-REJECT': [
    {
      line: 'bssid=42:00:00:00:00:01 status_code=16 timeout',
      fields: { bssid: '42:00:00:00:00:01', status: 16, extra: { timeout: '' } },
    },
  ],
  'CTRL-EVENT-AUTH-REJECT': [
    {
      line: '42:00:00:00:00:01 auth_type=0 auth_transaction=2 status_code=1',
      fields: {
        address: '42:00:00:00:00:01',
        status: 1,
        extra: { auth_type: '0', auth_transaction: '2' },
      },
    },
  ],
  'CTRL-EVENT-SSID-TEMP-DISABLED': [
    {
      line: 'id=2 ssid="at \\"home\\" reason=no" auth_failures=1 duration=10 reason=WRONG_KEY',
      fields: {
        id: 2,
        ssid: 'at "home" reason=no',
        reason: 'WRONG_KEY',
        duration: 10,
        extra: { auth_failures: '1' },
      },
    },
  ],
  'CTRL-EVENT-SSID-REENABLED': [
    { line: 'id=2 ssid="home"', fields: { id: 2, ssid: 'home', reason: null, duration: null, extra: {} } },
  ],
  'CTRL-EVENT-NETWORK-NOT-FOUND': [BARE],
  'INTERFACE-ENABLED': [BARE],
  'INTERFACE-DISABLED': [BARE],
  'CTRL-EVENT-EAP-STARTED': [STATION],
  'CTRL-EVENT-EAP-PROPOSED-METHOD': [
    { line: 'vendor=14122 method=1', fields: { extra: { vendor: '14122', method: '1' } } },
  ],
  'CTRL-EVENT-EAP-RETRANSMIT': [STATION],
  'CTRL-EVENT-EAP-RETRANSMIT2': [STATION],
  'CTRL-EVENT-EAP-SUCCESS': [STATION],
  'CTRL-EVENT-EAP-SUCCESS2': [STATION],
  'CTRL-EVENT-EAP-FAILURE': [STATION],
  'CTRL-EVENT-EAP-FAILURE2': [STATION],
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': [STATION],
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE2': [STATION],
  'CTRL-EVENT-STARTED-CHANNEL-SWITCH': [
    {
      line: 'freq=2462 ht_enabled=1 ch_offset=0 ch_width=20 MHz cf1=2462 cf2=0 dfs=0',
      fields: {
        frequency: 2462,
        extra: {
          ht_enabled: '1',
          ch_offset: '0',
          ch_width: '20',
          MHz: '',
          cf1: '2462',
          cf2: '0',
          dfs: '0',
        },
      },
    },
  ],
  'CTRL-EVENT-CHANNEL-SWITCH': [
    {
      line: 'freq=2462 ht_enabled=1 ch_offset=0 ch_width=20 MHz cf1=2462 cf2=0',
      fields: {
        frequency: 2462,
        extra: { ht_enabled: '1', ch_offset: '0', ch_width: '20', MHz: '', cf1: '2462', cf2: '0' },
      },
    },
  ],
  'CTRL-EVENT-REGDOM-CHANGE': [
    {
      line: 'init=USER type=COUNTRY alpha2=DE',
      fields: { extra: { init: 'USER', type: 'COUNTRY', alpha2: 'DE' } },
    },
  ],
  'CTRL-EVENT-DSCP-POLICY': [{ line: 'clear_all', fields: { extra: { clear_all: '' } } }],
  'CTRL-EVENT-AVOID-FREQ': [
    { line: 'ranges=5180-5240,5745', fields: { extra: { ranges: '5180-5240,5745' } } },
  ],
  'CTRL-EVENT-SCAN-STARTED': [BARE],
  'CTRL-EVENT-SCAN-RESULTS': [BARE],
  'CTRL-EVENT-SCAN-FAILED': [
    { line: 'ret=-16 retry=1', fields: { extra: { ret: '-16', retry: '1' } } },
    { line: 'ret=-1', fields: { extra: { ret: '-1' } } },
  ],
  'CTRL-EVENT-NETWORK-ADDED': [{ line: '0', fields: { id: 0 } }],
  'CTRL-EVENT-NETWORK-REMOVED': [{ line: '12', fields: { id: 12 } }],
  'CTRL-EVENT-BSS-ADDED': [{ line: '0 02:00:00:00:04:00', fields: { text: '0 02:00:00:00:04:00' } }],
  'CTRL-EVENT-BSS-REMOVED': [{ line: '0 02:00:00:00:04:00', fields: { text: '0 02:00:00:00:04:00' } }],
  'CTRL-EVENT-TERMINATING': [BARE],
  'RX-PROBE-REQUEST': [
    {
      line: 'sa=02:00:00:00:05:00 signal=-45',
      fields: { text: 'sa=02:00:00:00:05:00 signal=-45' },
    },
  ],
} as const satisfies Partial<Samples>;
