import type { Configuration } from '../config/load.js';
import type { Problem } from '../config/problem.js';
import type { LoggingSettings, Settings } from '../config/schema.js';
import type { ProgramFacts } from '../hooks/program-check.js';
import type { ErrorCode } from '../system/errors.js';

/** All that the checks judge, as it was gathered; null where it could not be told. */
export interface Facts {
  readonly nodeVersion: string;
  /** Why the native module cannot be loaded; null where it can. */
  readonly addonProblem: string | null;
  readonly user: User;
  readonly configuration: ConfigurationFacts;
  readonly supplicant: SupplicantFacts;
  readonly control: ControlFacts;
  readonly device: DeviceFacts;
  readonly radios: RadioFacts;
  readonly services: ServiceFacts;
  readonly addressing: AddressingFacts;
  readonly files: FileFacts;
}

export interface User {
  readonly uid: number;
  readonly name: string;
}

export interface ConfigurationFacts {
  /** The session that runs with it; null where there is none, or another one was asked for. */
  readonly running: { readonly interface: string | null; readonly uid: number } | null;
  /** Why a session that runs does not say with what. */
  readonly untold: string | null;
  /** Its secrets are not known: the PIN is not that of the settings. */
  readonly secretsHidden: boolean;
  readonly source: Configuration['source'] | null;
  /** Why there is none, in words; then the defaults stand here. */
  readonly unreadable: string | null;
  readonly settings: Settings;
  readonly logging: LoggingSettings;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface SupplicantFacts {
  /** False where the processes of others are hidden: what is not seen may be there all the same. */
  readonly visible: boolean;
  readonly processes: readonly SupplicantProcess[];
  /** Path of the program. */
  readonly program: string | null;
  /** Units that are enabled, or could be started, for an interface: `wpa_supplicant@wlan0`. */
  readonly readyUnits: readonly string[];
}

export interface SupplicantProcess {
  readonly pid: number;
  /** Of systemd, without `.service`; null: started by hand, or not known. */
  readonly unit: string | null;
  /** What its command line names (`-i`), each with the file of its configuration. */
  readonly started: readonly StartedInterface[];
  /** The control sockets that it is known to be bound to. */
  readonly sockets: readonly string[];
  /** Whether our own sockets are where it sees them; null where that could not be looked at. */
  readonly seesClients: boolean | null;
}

export interface StartedInterface {
  readonly name: string;
  readonly configFile: string | null;
  /** From its command line, or the `ctrl_interface` line of that file; null where there is none, or no reading it. */
  readonly controlInterface: string | null;
  /** Its file may not be read: it may have such a line. */
  readonly hiddenConfig: boolean;
  /** `p2p_device_persistent_mac_addr` of that file; null where it has none, or may not be read. */
  readonly keptAddress: string | null;
  /** The configuration file of its P2P device alone (`-m`). */
  readonly deviceFile: DeviceFile | null;
}

export interface DeviceFile {
  readonly path: string;
  /** The `ctrl_interface` line of the file; null where there is none, or no reading it. */
  readonly controlInterface: string | null;
  /** `-O` of the command line. */
  readonly override: string | null;
}

export interface ControlFacts {
  readonly folder: string;
  readonly state: 'listed' | 'missing' | 'denied';
  readonly owner: Ownership | null;
  readonly sockets: readonly ControlSocket[];
  /** Where our own ends are bound. */
  readonly clientFolder: string;
  /** What the unit files of wpa_supplicant say. */
  readonly privateTmp: boolean;
  /** The sockets on which events are held back, each with who does not read them, in words. */
  readonly heldBack: readonly { readonly name: string; readonly reason: string }[];
}

export interface Ownership {
  readonly user: string;
  /** Null where the group may do nothing, or is root's. */
  readonly group: string | null;
  /** The person is in that group, but not in this login yet. */
  readonly joined: boolean;
}

export interface ControlSocket {
  readonly name: string;
  readonly owner: Ownership | null;
  /** Its `STATUS`, or why there is none. */
  readonly answer: { readonly status: string } | { readonly code: ErrorCode };
}

/** The interface that a session would take, and the radio behind it. */
export interface DeviceFacts {
  /** As the settings or `-i` have it; `auto` leaves it open. */
  readonly wanted: string;
  /** The interface that would be taken; null where none that could be answers. */
  readonly name: string | null;
  /** Its P2P device address. */
  readonly address: string | null;
  readonly told: Told | null;
  /** The radios in question: one where it is known which, else all. */
  readonly radios: readonly Radio[];
}

/** What wpa_supplicant says of its own settings; null where it does not. */
export interface Told {
  /** The interface that was asked. */
  readonly by: string;
  readonly version: string | null;
  readonly country: string | null;
  readonly p2pDisabled: string | null;
  readonly updateConfig: string | null;
  readonly randomDeviceAddress: string | null;
  readonly randomStationAddress: string | null;
  readonly noGroupInterface: string | null;
  /** False: it was built without Wi-Fi Direct. */
  readonly knowsP2p: boolean;
  readonly interfaces: readonly string[];
}

/** An interface of the kernel on a radio. */
export interface Radio {
  readonly name: string;
  /** `phy0` */
  readonly phy: string;
  /** Of the kernel; null where it is not told. */
  readonly driver: string | null;
  readonly up: boolean;
  /** The driver made its address up. */
  readonly randomAddress: boolean;
}

export interface RadioFacts {
  /** All wireless interfaces of the kernel. */
  readonly interfaces: readonly Radio[];
  /** `iw dev` */
  readonly inUse: readonly InterfaceInUse[] | Missing;
  /** `iw list` by phy */
  readonly abilities: ReadonlyMap<string, RadioAbilities> | Missing;
  /** `iw reg get`: by phy, and `global` */
  readonly countries: ReadonlyMap<string, string> | Missing;
  readonly switches: readonly RadioSwitch[];
}

/** Why something could not be told. */
export interface Missing {
  readonly missing: string;
}

export interface InterfaceInUse {
  readonly phy: string;
  /** Null for a P2P device, which the kernel gives no name. */
  readonly name: string | null;
  /** As iw calls it: `managed`, `AP`, `P2P-GO` … */
  readonly type: string;
  /** In MHz; null where it is on no channel: it is not connected. */
  readonly frequency: number | null;
}

export interface RadioAbilities {
  readonly modes: readonly string[];
  readonly combinations: readonly Combination[];
}

/** So many interfaces of these types at once. */
export interface Combination {
  readonly limits: readonly { readonly types: readonly string[]; readonly most: number }[];
  readonly total: number;
  /** On so many channels at once. */
  readonly channels: number;
}

/** An rfkill switch of type `wlan`. */
export interface RadioSwitch {
  readonly phy: string | null;
  readonly soft: boolean;
  readonly hard: boolean;
}

export interface ServiceFacts {
  /** Null: it does not run. */
  readonly networkManager: NetworkManagerFacts | null;
  readonly dhcpcd: DhcpcdFacts | null;
  readonly udev: { readonly linkFiles: readonly LinkFile[] } | null;
}

export interface DhcpcdFacts {
  readonly denied: readonly string[];
  /** Empty: all that are not denied. */
  readonly allowed: readonly string[];
  readonly blocks: readonly DhcpcdBlock[];
}

/** What dhcpcd.conf says of one interface. */
export interface DhcpcdBlock {
  readonly pattern: string;
  /** `static ip_address`, with the length of the prefix. */
  readonly staticAddress: string | null;
  /** It asks for no address there (`nodhcp`, `noipv4`). */
  readonly withoutDhcp: boolean;
}

/** What a .link file of udev says that concerns us (man systemd.link). */
export interface LinkFile {
  readonly path: string;
  /** Of its section Match: each must hold, by one of its words. Without any it is for every interface. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
  /** `MACAddressPolicy`; `none` where it says nothing. */
  readonly policy: string;
}

/** Lists of devices as NetworkManager writes them. */
export interface NetworkManagerFacts {
  /** What nmcli says of the state of each device; null where it does not answer. */
  readonly states: string | null;
  /** A policy of D-Bus keeps it from removing interfaces of wpa_supplicant. */
  readonly removalDenied: boolean;
  readonly unmanaged: readonly string[];
  /** Those that keep their address while they scan, list by list. */
  readonly steady: readonly (readonly string[])[];
}

/** What giving addresses to phones needs. */
export interface AddressingFacts {
  /** Paths of the programs. */
  readonly programs: Readonly<Record<'dnsmasq' | 'ip', string | null>>;
  readonly networkdRuns: boolean;
  /** Another interface, with its address, whose network is that of `group_address`; null: none. */
  readonly rival: string | null;
  /** Sockets on the ports of DNS and DHCP that are bound to no address. */
  readonly holders: readonly PortHolder[];
  /** Whether the kernel forwards from one interface to another; null where that cannot be read. */
  readonly forwards: boolean | null;
}

export interface PortHolder {
  readonly port: 53 | 67;
  /** Null where the process may not be looked at. */
  readonly pid: number | null;
  readonly name: string | null;
  readonly unit: string | null;
  /** Whether another server can have the port beside it. */
  readonly shares: boolean | null;
}

export interface FileFacts {
  /** Null: none is wanted. */
  readonly log: { readonly file: string; readonly place: Place; readonly taken: boolean } | null;
  /** Null: there is no place for it. */
  /** Or why there is none, in words. */
  readonly pidFolder: Place | string;
  readonly stateFolder: Place;
  readonly runtimeFolder: Place;
  readonly hook: ProgramFacts | null;
  readonly pinModule: { readonly path: string; readonly readable: boolean } | null;
}

/** A folder in which something is to be made. */
export interface Place {
  readonly path: string;
  /** It, or the nearest above it that is there. */
  readonly nearest: string;
  readonly writable: boolean;
}
