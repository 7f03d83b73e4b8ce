/**
 * The events of wpa_supplicant's control interface that a group owner meets, as they are named there
 * (src/common/wpa_ctrl.h), with their fields typed. `extra` keeps every trailing `key=value` that this table does
 * not know: each release adds some. Addresses are lower-case text; numbers are as the event prints them.
 */
export type Extra = Readonly<Record<string, string>>;

/** What a Wi-Fi Direct device says of itself. A name is at most 32 bytes and no proof of identity. */
export interface DeviceFields {
  readonly deviceAddress: string;
  readonly deviceType: string | null;
  readonly name: string | null;
  readonly configMethods: number | null;
  readonly deviceCapability: number | null;
  readonly groupCapability: number | null;
  readonly extra: Extra;
}

/**
 * Provision discovery. `device` is null in the answer to our own request (the short form); `group` is the
 * interface of the running group that the peer wants to join.
 */
export interface ProvisionFields {
  readonly address: string;
  readonly device: DeviceFields | null;
  readonly group: string | null;
  readonly peerIsOwner: boolean | null;
}

export interface StationFields {
  /** The station's interface address, by which the group knows it. */
  readonly address: string;
  /** The P2P device address behind it; null for a legacy station. */
  readonly deviceAddress: string | null;
  readonly extra: Extra;
}

interface AddressOnly {
  readonly address: string;
}

/** Events whose text carries no field, or whose trailing keys are all optional. */
interface KeysOnly {
  readonly extra: Extra;
}

export interface EventFields {
  'P2P-DEVICE-FOUND': DeviceFields & { readonly address: string; readonly isNew: boolean };
  'P2P-DEVICE-LOST': { readonly deviceAddress: string; readonly extra: Extra };
  'P2P-FIND-STOPPED': KeysOnly;
  'P2P-PROV-DISC-SHOW-PIN': ProvisionFields & { readonly pin: string };
  'P2P-PROV-DISC-ENTER-PIN': ProvisionFields;
  'P2P-PROV-DISC-PBC-REQ': ProvisionFields;
  'P2P-PROV-DISC-PBC-RESP': ProvisionFields;
  'P2P-PROV-DISC-FAILURE': {
    readonly deviceAddress: string;
    readonly status: number | null;
    readonly extra: Extra;
  };
  'P2P-GO-NEG-REQUEST': {
    readonly address: string;
    readonly devicePasswordId: number | null;
    readonly goIntent: number | null;
    readonly extra: Extra;
  };
  'P2P-GO-NEG-SUCCESS': {
    readonly role: string | null;
    readonly frequency: number | null;
    readonly peerDevice: string | null;
    readonly peerInterface: string | null;
    readonly wpsMethod: string | null;
    readonly extra: Extra;
  };
  'P2P-GO-NEG-FAILURE': { readonly status: number | null; readonly extra: Extra };
  'P2P-GROUP-FORMATION-SUCCESS': KeysOnly;
  'P2P-GROUP-FORMATION-FAILURE': { readonly reason: string | null; readonly extra: Extra };
  'P2P-GROUP-STARTED': {
    readonly interface: string;
    readonly role: 'GO' | 'client';
    /** Decoded; the bytes behind it need not be UTF-8. */
    readonly ssid: string;
    readonly ssidHex: string;
    /** MHz */
    readonly frequency: number | null;
    readonly passphrase: string | null;
    readonly psk: string | null;
    readonly goDeviceAddress: string | null;
    readonly persistent: boolean;
    readonly extra: Extra;
  };
  'P2P-GROUP-REMOVED': {
    readonly interface: string;
    readonly role: 'GO' | 'client';
    readonly reason: string | null;
    readonly extra: Extra;
  };
  'P2P-INVITATION-RECEIVED': {
    readonly from: string;
    readonly persistent: number | null;
    readonly goDeviceAddress: string | null;
    readonly bssid: string | null;
    readonly unknownNetwork: boolean;
    readonly extra: Extra;
  };
  'P2P-INVITATION-ACCEPTED': {
    readonly from: string;
    readonly persistent: number | null;
    readonly frequency: number | null;
    readonly extra: Extra;
  };
  'P2P-INVITATION-RESULT': {
    readonly status: number | null;
    readonly bssid: string | null;
    readonly extra: Extra;
  };
  'P2P-PERSISTENT-PSK-FAIL': { readonly id: number | null; readonly extra: Extra };
  'P2P-REMOVE-AND-REFORM-GROUP': KeysOnly;
  'P2P-CROSS-CONNECT-ENABLE': { readonly interface: string; readonly uplink: string };
  'P2P-CROSS-CONNECT-DISABLE': { readonly interface: string; readonly uplink: string };
  'P2P-SERV-DISC-REQ': { readonly text: string };
  'P2P-SERV-DISC-RESP': { readonly text: string };
  'P2P-FALLBACK-TO-GO-NEG': { readonly reason: string | null; readonly extra: Extra };
  'AP-ENABLED': KeysOnly;
  'AP-DISABLED': KeysOnly;
  'AP-STA-CONNECTED': StationFields;
  'AP-STA-DISCONNECTED': StationFields;
  'AP-REJECTED-MAX-STA': AddressOnly;
  'AP-REJECTED-BLOCKED-STA': AddressOnly;
  'AP-STA-POSSIBLE-PSK-MISMATCH': AddressOnly;
  'AP-STA-POLL-OK': AddressOnly;
  'AP-CSA-FINISHED': { readonly frequency: number | null; readonly extra: Extra };
  'EAPOL-4WAY-HS-COMPLETED': AddressOnly;
  'WPS-ENROLLEE-SEEN': {
    readonly address: string;
    readonly uuid: string;
    readonly deviceType: string;
    readonly configMethods: number;
    /** 0 default PIN, 1 user-specified, 4 push button, 5 registrar-specified. */
    readonly devicePasswordId: number;
    readonly requestType: number;
    /** Often empty: phones leave it out of probe requests. */
    readonly name: string;
  };
  'WPS-PIN-NEEDED': { readonly uuid: string; readonly address: string; readonly description: string };
  'WPS-REG-SUCCESS': { readonly address: string; readonly uuid: string };
  'WPS-SUCCESS': KeysOnly;
  'WPS-FAIL': {
    readonly message: number | null;
    /** 18 = wrong PIN (device password authentication failure). The event names no address. */
    readonly configError: number | null;
    readonly reason: number | null;
    readonly extra: Extra;
  };
  'WPS-M2D': {
    readonly devicePasswordId: number | null;
    readonly configError: number | null;
    readonly extra: Extra;
  };
  'WPS-PBC-ACTIVE': KeysOnly;
  'WPS-PBC-DISABLE': KeysOnly;
  /** A PIN was armed where no group owner runs; on a group owner arming is silent. */
  'WPS-PIN-ACTIVE': KeysOnly;
  'WPS-TIMEOUT': KeysOnly;
  'WPS-OVERLAP-DETECTED': KeysOnly;
  'WPS-CANCEL': KeysOnly;
  'WPS-AP-SETUP-LOCKED': KeysOnly;
  'WPS-AP-SETUP-UNLOCKED': KeysOnly;
  'CTRL-EVENT-CONNECTED': { readonly text: string };
  'CTRL-EVENT-DISCONNECTED': KeysOnly;
  'CTRL-EVENT-EAP-STARTED': AddressOnly;
  'CTRL-EVENT-EAP-PROPOSED-METHOD': KeysOnly;
  'CTRL-EVENT-EAP-RETRANSMIT': AddressOnly;
  'CTRL-EVENT-EAP-RETRANSMIT2': AddressOnly;
  'CTRL-EVENT-EAP-SUCCESS': AddressOnly;
  'CTRL-EVENT-EAP-SUCCESS2': AddressOnly;
  'CTRL-EVENT-EAP-FAILURE': AddressOnly;
  'CTRL-EVENT-EAP-FAILURE2': AddressOnly;
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': AddressOnly;
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE2': AddressOnly;
  'CTRL-EVENT-STARTED-CHANNEL-SWITCH': { readonly frequency: number | null; readonly extra: Extra };
  'CTRL-EVENT-CHANNEL-SWITCH': { readonly frequency: number | null; readonly extra: Extra };
  'CTRL-EVENT-REGDOM-CHANGE': KeysOnly;
  'CTRL-EVENT-AVOID-FREQ': KeysOnly;
  'CTRL-EVENT-DSCP-POLICY': KeysOnly;
  'CTRL-EVENT-SCAN-STARTED': KeysOnly;
  'CTRL-EVENT-SCAN-RESULTS': KeysOnly;
  'CTRL-EVENT-SCAN-FAILED': KeysOnly;
  'CTRL-EVENT-NETWORK-ADDED': { readonly id: number };
  'CTRL-EVENT-NETWORK-REMOVED': { readonly id: number };
  'CTRL-EVENT-BSS-ADDED': { readonly text: string };
  'CTRL-EVENT-BSS-REMOVED': { readonly text: string };
  'CTRL-EVENT-TERMINATING': KeysOnly;
  'RX-PROBE-REQUEST': { readonly text: string };
}

export type EventName = keyof EventFields;

export type KnownEvent = { [T in EventName]: { readonly type: T } & EventFields[T] }[EventName];

/** An event that the table does not know, or whose text does not have the form that the table expects. */
export interface UnknownEvent {
  readonly type: 'unknown';
  /** First word of the event. */
  readonly name: string;
  readonly text: string;
  /** True where the name is known and the rest is not as expected. */
  readonly malformed: boolean;
}

export type WpaEvent = KnownEvent | UnknownEvent;

export type EventOf<T extends EventName> = Extract<KnownEvent, { readonly type: T }>;
