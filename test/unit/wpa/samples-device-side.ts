import type { Samples } from './event-samples.js';

/**
 * Events of the P2P device interface in the forms that wpa_supplicant 2.10 gives them (p2p_supplicant.c), and in
 * those of later releases where they differ.
 */
export const DEVICE_SIDE = {
  'P2P-DEVICE-FOUND': [
    {
      line:
        '42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 ' +
        "name='Galaxy S9' config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1",
      fields: {
        address: '42:00:00:00:01:00',
        deviceAddress: '42:00:00:00:01:00',
        deviceType: '10-0050F204-5',
        name: 'Galaxy S9',
        configMethods: 0x188,
        deviceCapability: 0x25,
        groupCapability: 0,
        isNew: true,
        extra: {},
      },
    },
    {
      line:
        '42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=7-0050F204-1 ' +
        "name='TV' config_methods=0x108 dev_capab=0x21 group_capab=0x2b wfd_dev_info=0x01111c440032 vendor_elems=1 " +
        'new=0 pcea_cap_info=0x0 bootstrap_methods=0x0 pasn_type=0x0',
      fields: {
        address: '42:00:00:00:01:00',
        deviceAddress: '42:00:00:00:01:00',
        deviceType: '7-0050F204-1',
        name: 'TV',
        configMethods: 0x108,
        deviceCapability: 0x21,
        groupCapability: 0x2b,
        isNew: false,
        extra: {
          wfd_dev_info: '0x01111c440032',
          vendor_elems: '1',
          pcea_cap_info: '0x0',
          bootstrap_methods: '0x0',
          pasn_type: '0x0',
        },
      },
    },
    {
      line:
        '42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 ' +
        "name='Printer' config_methods=0x1000 dev_capab=0x65 group_capab=0x0 adv_id=4d2 asp_svc=org.wi-fi.wfds.print",
      fields: {
        address: '42:00:00:00:01:00',
        deviceAddress: '42:00:00:00:01:00',
        deviceType: '10-0050F204-5',
        name: 'Printer',
        configMethods: 0x1000,
        deviceCapability: 0x65,
        groupCapability: 0,
        isNew: true,
        extra: { adv_id: '4d2', asp_svc: 'org.wi-fi.wfds.print' },
      },
    },
  ],
  'P2P-DEVICE-LOST': [
    {
      line: 'p2p_dev_addr=42:00:00:00:01:00',
      fields: { deviceAddress: '42:00:00:00:01:00', extra: {} },
    },
  ],
  'P2P-FIND-STOPPED': [{ line: '', fields: { extra: {} } }],
  'P2P-PROV-DISC-SHOW-PIN': [
    {
      line:
        '42:00:00:00:01:00 09129897 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 ' +
        "name='Galaxy S9' config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=p2p-wlan0-0",
      fields: {
        address: '42:00:00:00:01:00',
        pin: '09129897',
        device: {
          deviceAddress: '42:00:00:00:01:00',
          deviceType: '10-0050F204-5',
          name: 'Galaxy S9',
          configMethods: 0x188,
          deviceCapability: 0x25,
          groupCapability: 0,
          extra: {},
        },
        group: 'p2p-wlan0-0',
        peerIsOwner: null,
      },
    },
    {
      line: '42:00:00:00:01:00 12345670 peer_go=1',
      fields: { address: '42:00:00:00:01:00', pin: '12345670', device: null, group: null, peerIsOwner: true },
    },
  ],
  'P2P-PROV-DISC-ENTER-PIN': [
    {
      line:
        '42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=0-00000000-0 ' +
        "name='' config_methods=0x80 dev_capab=0x25 group_capab=0x0",
      fields: {
        address: '42:00:00:00:01:00',
        device: {
          deviceAddress: '42:00:00:00:01:00',
          deviceType: '0-00000000-0',
          name: '',
          configMethods: 0x80,
          deviceCapability: 0x25,
          groupCapability: 0,
          extra: {},
        },
        group: null,
        peerIsOwner: null,
      },
    },
    {
      line: '42:00:00:00:01:00 peer_go=0',
      fields: { address: '42:00:00:00:01:00', device: null, group: null, peerIsOwner: false },
    },
  ],
  'P2P-PROV-DISC-PBC-REQ': [
    {
      line:
        '46:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 ' +
        "name='Pixel' config_methods=0x80 dev_capab=0x25 group_capab=0x0 group=p2p-wlan0-3",
      fields: {
        address: '46:00:00:00:01:00',
        device: {
          deviceAddress: '42:00:00:00:01:00',
          deviceType: '10-0050F204-5',
          name: 'Pixel',
          configMethods: 0x80,
          deviceCapability: 0x25,
          groupCapability: 0,
          extra: {},
        },
        group: 'p2p-wlan0-3',
        peerIsOwner: null,
      },
    },
  ],
  'P2P-PROV-DISC-PBC-RESP': [
    {
      line: '42:00:00:00:01:00',
      fields: { address: '42:00:00:00:01:00', device: null, group: null, peerIsOwner: null },
    },
  ],
  'P2P-PROV-DISC-FAILURE': [
    {
      line: 'p2p_dev_addr=42:00:00:00:01:00 status=2',
      fields: { deviceAddress: '42:00:00:00:01:00', status: 2, extra: {} },
    },
    {
      line: "p2p_dev_addr=42:00:00:00:01:00 status=4 adv_id=4d2 deferred_session_resp='later'",
      fields: {
        deviceAddress: '42:00:00:00:01:00',
        status: 4,
        extra: { adv_id: '4d2', deferred_session_resp: "'later'" },
      },
    },
    {
      line: 'p2p_dev_addr=42:00:00:00:01:00 status=N/A',
      fields: { deviceAddress: '42:00:00:00:01:00', status: null, extra: {} },
    },
  ],
  'P2P-GO-NEG-REQUEST': [
    {
      line: '42:00:00:00:01:00 dev_passwd_id=4 go_intent=7',
      fields: { address: '42:00:00:00:01:00', devicePasswordId: 4, goIntent: 7, extra: {} },
    },
  ],
  'P2P-GO-NEG-SUCCESS': [
    {
      line: 'role=GO freq=2437 ht40=0 peer_dev=42:00:00:00:01:00 peer_iface=46:00:00:00:01:00 wps_method=PBC',
      fields: {
        role: 'GO',
        frequency: 2437,
        peerDevice: '42:00:00:00:01:00',
        peerInterface: '46:00:00:00:01:00',
        wpsMethod: 'PBC',
        extra: { ht40: '0' },
      },
    },
  ],
  'P2P-GO-NEG-FAILURE': [{ line: 'status=9', fields: { status: 9, extra: {} } }],
  'P2P-GROUP-FORMATION-SUCCESS': [{ line: '', fields: { extra: {} } }],
  'P2P-GROUP-FORMATION-FAILURE': [
    { line: '', fields: { reason: null, extra: {} } },
    { line: 'reason=FREQ_CONFLICT', fields: { reason: 'FREQ_CONFLICT', extra: {} } },
  ],
  'P2P-GROUP-STARTED': [
    {
      line:
        'p2p-wlan0-0 GO ssid="DIRECT-PP-group" freq=2437 passphrase="mysecretpassword" ' +
        'go_dev_addr=42:00:00:00:00:00 [PERSISTENT]',
      fields: {
        interface: 'p2p-wlan0-0',
        role: 'GO',
        ssid: 'DIRECT-PP-group',
        ssidHex: '4449524543542d50502d67726f7570',
        frequency: 2437,
        passphrase: 'mysecretpassword',
        psk: null,
        goDeviceAddress: '42:00:00:00:00:00',
        persistent: true,
        extra: {},
      },
    },
    {
      line:
        `p2p-wlan0-1 client ssid="DIRECT-xy" freq=5180 psk=${'0123456789abcdef'.repeat(4)} ` +
        'go_dev_addr=42:00:00:00:01:00 ip_addr=192.168.42.2 ip_mask=255.255.255.0 go_ip_addr=192.168.42.1',
      fields: {
        interface: 'p2p-wlan0-1',
        role: 'client',
        ssid: 'DIRECT-xy',
        ssidHex: '4449524543542d7879',
        frequency: 5180,
        passphrase: null,
        psk: '0123456789abcdef'.repeat(4),
        goDeviceAddress: '42:00:00:00:01:00',
        persistent: false,
        extra: { ip_addr: '192.168.42.2', ip_mask: '255.255.255.0', go_ip_addr: '192.168.42.1' },
      },
    },
  ],
  'P2P-GROUP-REMOVED': [
    {
      line: 'p2p-wlan0-0 GO reason=REQUESTED',
      fields: { interface: 'p2p-wlan0-0', role: 'GO', reason: 'REQUESTED', extra: {} },
    },
    {
      line: 'p2p-wlan0-0 client',
      fields: { interface: 'p2p-wlan0-0', role: 'client', reason: null, extra: {} },
    },
  ],
  'P2P-INVITATION-RECEIVED': [
    {
      line: 'sa=42:00:00:00:01:00 persistent=0 freq=2437',
      fields: {
        from: '42:00:00:00:01:00',
        persistent: 0,
        goDeviceAddress: null,
        bssid: null,
        unknownNetwork: false,
        extra: { freq: '2437' },
      },
    },
    {
      line: 'sa=42:00:00:00:01:00 go_dev_addr=42:00:00:00:02:00 bssid=46:00:00:00:02:00 unknown-network',
      fields: {
        from: '42:00:00:00:01:00',
        persistent: null,
        goDeviceAddress: '42:00:00:00:02:00',
        bssid: '46:00:00:00:02:00',
        unknownNetwork: true,
        extra: {},
      },
    },
  ],
  'P2P-INVITATION-ACCEPTED': [
    {
      line: 'sa=42:00:00:00:01:00 persistent=0 freq=2437',
      fields: { from: '42:00:00:00:01:00', persistent: 0, frequency: 2437, extra: {} },
    },
    {
      line: 'sa=42:00:00:00:01:00 persistent=3',
      fields: { from: '42:00:00:00:01:00', persistent: 3, frequency: null, extra: {} },
    },
    // After 2.11: p2p_supplicant.c, wpas_invitation_received. The SSID is escaped, and a peer has a say in it.
    {
      line: 'sa=42:00:00:00:01:00 persistent=3 freq=5180 ssid="DIRECT-ab" go_dev_addr=42:00:00:00:00:00',
      fields: {
        from: '42:00:00:00:01:00',
        persistent: 3,
        frequency: 5180,
        extra: { go_dev_addr: '42:00:00:00:00:00' },
      },
    },
    {
      line:
        'sa=42:00:00:00:01:00 persistent=3 ssid="DIRECT-\\" freq=5180 go_dev_addr=02:00:00:00:00:02 \\"x" ' +
        'go_dev_addr=42:00:00:00:00:00',
      fields: {
        from: '42:00:00:00:01:00',
        persistent: 3,
        frequency: null,
        extra: { go_dev_addr: '42:00:00:00:00:00' },
      },
    },
    {
      line: 'sa=42:00:00:00:01:00 go_dev_addr=42:00:00:00:02:00 bssid=46:00:00:00:02:00 unknown-network',
      fields: {
        from: '42:00:00:00:01:00',
        persistent: null,
        frequency: null,
        extra: { go_dev_addr: '42:00:00:00:02:00', bssid: '46:00:00:00:02:00', 'unknown-network': '' },
      },
    },
  ],
  'P2P-INVITATION-RESULT': [
    {
      line: 'status=0 46:00:00:00:01:00',
      fields: { status: 0, bssid: '46:00:00:00:01:00', extra: {} },
    },
    { line: 'status=-1', fields: { status: -1, bssid: null, extra: {} } },
    // 2.10 has a blank at the end if there is no BSSID (wpas_invitation_result); later releases have not.
    { line: 'status=1 ', fields: { status: 1, bssid: null, extra: {} } },
    // After 2.11: p2p_supplicant.c, wpas_msg_p2p_invitation_result.
    {
      line: 'status=0 46:00:00:00:01:00 ssid="DIRECT-ab" go_dev_addr=42:00:00:00:00:00',
      fields: { status: 0, bssid: '46:00:00:00:01:00', extra: { go_dev_addr: '42:00:00:00:00:00' } },
    },
    {
      line: 'status=8 ssid="a status=0 46:00:00:00:01:00" go_dev_addr=42:00:00:00:00:00',
      fields: { status: 8, bssid: null, extra: { go_dev_addr: '42:00:00:00:00:00' } },
    },
  ],
  'P2P-PERSISTENT-PSK-FAIL': [{ line: 'id=0', fields: { id: 0, extra: {} } }],
  'P2P-REMOVE-AND-REFORM-GROUP': [{ line: '', fields: { extra: {} } }],
  'P2P-CROSS-CONNECT-ENABLE': [
    { line: 'p2p-wlan0-0 eth0', fields: { interface: 'p2p-wlan0-0', uplink: 'eth0' } },
  ],
  'P2P-CROSS-CONNECT-DISABLE': [
    { line: 'p2p-wlan0-0 eth0', fields: { interface: 'p2p-wlan0-0', uplink: 'eth0' } },
  ],
  'P2P-SERV-DISC-REQ': [
    {
      line: '2437 42:00:00:00:01:00 1 17 02000001',
      fields: { text: '2437 42:00:00:00:01:00 1 17 02000001' },
    },
  ],
  'P2P-SERV-DISC-RESP': [
    {
      line: '42:00:00:00:01:00 17 0b00010000045f69707004',
      fields: { text: '42:00:00:00:01:00 17 0b00010000045f69707004' },
    },
    {
      line: '42:00:00:00:01:00 17 <long response: 5000 bytes>',
      fields: { text: '42:00:00:00:01:00 17 <long response: 5000 bytes>' },
    },
  ],
  'P2P-FALLBACK-TO-GO-NEG': [
    { line: 'reason=peer-not-running-GO', fields: { reason: 'peer-not-running-GO', extra: {} } },
  ],
} as const satisfies Partial<Samples>;
