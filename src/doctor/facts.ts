import type { ForwardBlocker } from '../addressing/forward-blockers.js';
import type { BoundServer } from '../addressing/other-servers.js';
import type { Configuration } from '../config/load.js';
import type { ConfigProblem } from '../config/problem.js';
import type { LoggingSettings, Settings } from '../config/schema.js';
import type { ProgramFacts } from '../hooks/program-check.js';
import type { ErrorCode } from '../system/errors.js';
import type { Missing } from '../system/missing.js';
import type { AddonProblem } from '../wpa/native-addon.js';

/**
 * Everything that the checks judge, as it was read from the machine. `Missing` is an answer that did not come; what decides about a
 * change has that type. Null means unknown too, unless a comment says more.
 */
export interface Facts {
  readonly nodeVersion: string;
  /** Why the native module cannot be loaded; null: it can. */
  readonly addonProblem: AddonProblem | null;
  readonly user: { readonly uid: number; readonly name: string };
  readonly configuration: ConfigurationFacts;
  readonly supplicant: SupplicantFacts;
  readonly control: ControlFacts;
  readonly device: DeviceFacts;
  readonly radios: RadioFacts;
  readonly services: ServiceFacts;
  readonly addressing: AddressingFacts;
  readonly files: FileFacts;
  readonly machine: MachineFacts;
}

/** The machine and its kernel. */
export interface MachineFacts {
  /** Of the device tree, such as `Raspberry Pi 4 Model B Rev 1.2`. */
  readonly model: string | null;
  /** Of os-release, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string | null;
  /** Release of the kernel, such as `6.12.34+rpt-rpi-v8`. */
  readonly kernel: string | null;
  /** Whether the kernel finds the rules of the countries (package wireless-regdb). */
  readonly hasRegulatoryDatabase: boolean;
  /** Bits of `feature_disable`, an option of brcmfmac. */
  readonly disabledFeatures: number;
  /** Version of the firmware of each radio with brcmfmac, by interface. */
  readonly firmware: ReadonlyMap<string, string>;
  /** Null: not in a container of docker or podman. */
  readonly container: ContainerFacts | null;
}

export interface ContainerFacts {
  readonly kind: 'docker' | 'podman';
  readonly mounts: readonly Mount[];
}

/** A line of /proc/self/mountinfo (man proc_pid_mountinfo). */
export interface Mount {
  /** Path inside of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
}

export interface ConfigurationFacts {
  /** The session that runs with it; null: there is none, or another configuration was asked for. */
  readonly running: { readonly interface: string | null; readonly uid: number } | null;
  /** Why a running session does not report its configuration; null: it does, or there is no session. */
  readonly sessionProblem: string | null;
  /** The secrets of the session are unknown: `settings.pin` is not its PIN. */
  readonly secretsHidden: boolean;
  /** Null: the file cannot be read, and `settings` are the defaults. */
  readonly source: Configuration['source'] | null;
  /** Why the file cannot be read; null: it can, or there is none. */
  readonly unreadable: string | null;
  readonly settings: Settings;
  readonly logging: LoggingSettings;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

export interface SupplicantFacts {
  /** False: processes of other users are hidden, so one that is not listed may still run. */
  readonly visible: boolean;
  readonly processes: readonly SupplicantProcess[];
  /** Path of the program; null: not installed. */
  readonly program: string | null;
  /** Units that start it for an interface, and are enabled or have their file: `wpa_supplicant@wlan0`. */
  readonly readyUnits: readonly string[];
}

export interface SupplicantProcess {
  readonly pid: number;
  /** The systemd unit, without `.service`; null: started by hand, or unknown. */
  readonly unit: string | null;
  /** Its pid file is that of the scripts of ifupdown. Its unit does not show that: it may be that of a login. */
  readonly ofIfupdown: boolean;
  /** The interfaces of its command line (`-i`), each with its configuration file. */
  readonly started: readonly StartedInterface[];
  /** Paths of the sockets that it is bound to; null: we may not see them. */
  readonly sockets: readonly string[] | null;
  /** Whether it has our client sockets at the same path as we do. */
  readonly seesClients: boolean | null;
}

export interface StartedInterface {
  readonly name: string;
  readonly configFile: string | null;
  /** From the command line, or the `ctrl_interface` line of that file; null: neither, or the file is unreadable. */
  readonly controlInterface: string | null;
  /** We may not read its file, which may have a `ctrl_interface` line. */
  readonly configUnreadable: boolean;
  /** `p2p_device_persistent_mac_addr` of that file; null: not set, or the file is unreadable. */
  readonly persistentAddress: string | null;
  /** Names of the networks of that file. */
  readonly networks: readonly string[];
  /** The configuration file that only its P2P device uses (`-m`); null: none. */
  readonly deviceFile: DeviceFile | null;
}

export interface DeviceFile {
  readonly path: string;
  /** The `ctrl_interface` line of the file; null: none. */
  readonly controlInterface: string | null | Missing;
  /** `-O` of the command line; null: not given. */
  readonly override: string | null;
}

export interface ControlFacts {
  readonly folder: string;
  readonly state: 'listed' | 'missing' | 'denied';
  readonly owner: Ownership | null;
  readonly sockets: readonly ControlSocket[];
  /** Folder of our own sockets, to which wpa_supplicant replies. */
  readonly clientFolder: string;
  /** `PrivateTmp` in the unit files of wpa_supplicant. */
  readonly privateTmp: boolean;
  /** Sockets whose events are held back, and a sentence about the program that does not read them. Or it could not be tested. */
  readonly heldBack: readonly { readonly name: string; readonly reason: string | Missing }[];
}

export interface Ownership {
  readonly user: string;
  /** Null: the group is root, or has no access. */
  readonly group: string | null;
  /** The user has been added to the group after this login. */
  readonly needsLogin: boolean;
}

export interface ControlSocket {
  readonly name: string;
  readonly owner: Ownership | null;
  /** The reply to `STATUS`, or why there is none. */
  readonly answer: { readonly status: string } | { readonly code: ErrorCode };
}

/** The interface that a session would use, and the radio behind it. */
export interface DeviceFacts {
  /** From `-i`, the session or the settings; may be `auto`. */
  readonly requested: string;
  /** Null: no interface is suitable, or one that may be has not answered; then `reported` is missing. */
  readonly name: string | null;
  /** P2P device address. */
  readonly address: string | null;
  readonly reported: SupplicantSettings | Missing;
  /** The radio of the interface; all radios if that is unknown. */
  readonly radios: readonly Radio[];
}

/** What wpa_supplicant reports about itself; null: it does not know the parameter. */
export interface SupplicantSettings {
  /** The interface that was asked. */
  readonly by: string;
  readonly version: string | null;
  readonly country: string | null;
  readonly p2pDisabled: string | null;
  readonly updateConfig: string | null;
  /** The user's, also while a session has set its own. */
  readonly configMethods: string | null;
  readonly randomDeviceAddress: string | null;
  readonly randomStationAddress: string | null;
  readonly noGroupInterface: string | null;
  /** The name by which phones see the box. */
  readonly deviceName: string | null;
  /** Protected management frames: 0 off, 1 optional, 2 required. */
  readonly protectedFrames: string | null;
  /** Whether the driver reports SAE, the handshake of WPA3. */
  readonly offersSae: boolean;
  /** False: it was built without Wi-Fi Direct. */
  readonly knowsP2p: boolean;
  readonly interfaces: readonly string[];
}

/** A wireless interface of the kernel. */
export interface Radio {
  readonly name: string;
  /** `phy0` */
  readonly phy: string;
  readonly driver: string | null;
  readonly up: boolean;
  /** The driver generated its address. */
  readonly randomAddress: boolean;
}

export interface RadioFacts {
  readonly interfaces: readonly Radio[];
  /** `iw dev` */
  readonly inUse: readonly InterfaceInUse[] | Missing;
  /** `iw list`, by phy */
  readonly capabilities: ReadonlyMap<string, RadioCapabilities> | Missing;
  /** `iw reg get`, by phy or `global` */
  readonly countries: ReadonlyMap<string, string> | Missing;
  readonly switches: readonly RadioSwitch[];
}

export interface InterfaceInUse {
  readonly phy: string;
  /** Null: a P2P device, to which the kernel gives no name. */
  readonly name: string | null;
  /** As iw calls it: `managed`, `AP`, `P2P-GO` … */
  readonly type: string;
  /** In MHz; null: on no channel, so not connected. */
  readonly frequency: number | null;
}

export interface RadioCapabilities {
  readonly modes: readonly string[];
  readonly combinations: readonly Combination[];
  /** Why a frequency in MHz cannot be used at once: `disabled`, `no IR` or `radar detection`. */
  readonly restricted: ReadonlyMap<number, string>;
}

/** Interfaces that can exist at the same time. */
export interface Combination {
  readonly limits: readonly { readonly types: readonly string[]; readonly most: number }[];
  readonly total: number;
  /** Number of different channels that they can use. */
  readonly channels: number;
}

/** An rfkill switch of type `wlan`. */
export interface RadioSwitch {
  /** Null: a switch of the machine. */
  readonly phy: string | null;
  readonly soft: boolean;
  readonly hard: boolean;
}

/** Other programs that configure network interfaces; null: not running. */
export interface ServiceFacts {
  readonly networkManager: NetworkManagerFacts | null;
  readonly dhcpcd: DhcpcdFacts | null;
  readonly udev: { readonly linkFiles: readonly LinkFile[] } | null;
  /** Null: netplan configures nothing here. */
  readonly netplan: NetplanFacts | null | Missing;
  readonly ifupdown: IfupdownFacts | Missing;
  /** iwd runs: it has all radios, also those without a connection, of which nothing else shows that. */
  readonly iwd: boolean;
}

/** Interfaces whose Wi-Fi ifupdown connects, also if they are down now. */
export interface IfupdownFacts {
  /** By wpa_supplicant. */
  readonly wpa: readonly string[];
  /** By wireless-tools, without it. */
  readonly wireless: readonly string[];
}

export interface NetplanFacts {
  /** Its own files, which last: /etc/netplan/*.yaml */
  readonly files: readonly string[];
  /** Files that it writes for other programs at each boot, below /run. */
  readonly generated: readonly string[];
}

/** A Wi-Fi connection of NetworkManager. */
export interface ConnectionProfile {
  readonly path: string;
  readonly name: string;
  readonly ssid: string;
  /** The only interface for which it is; null: any. */
  readonly interface: string | null;
  /** It connects to a network, and makes none itself. */
  readonly station: boolean;
  /** It is established without being asked for. */
  readonly automatic: boolean;
  /** The setting of nmcli whose value is not in its file, because an agent of a desktop or a person gives it; null: none. */
  readonly askedSecret: string | null;
  /** Others than root can read or change it, so NetworkManager ignores it. */
  readonly exposed: boolean;
}

/** The values of a key in sections of NetworkManager, in its order: the first one whose list has the device counts. */
export type DeviceSettings<T> = readonly { readonly devices: readonly string[]; readonly value: T }[];

/** The device lists are as NetworkManager writes them. */
export interface NetworkManagerFacts {
  /** The states of all devices as nmcli prints them. */
  readonly states: string | Missing;
  /** A D-Bus policy keeps it from removing interfaces of wpa_supplicant. */
  readonly removalDenied: boolean;
  readonly unmanaged: readonly string[];
  /** `wifi.scan-rand-mac-address`: true for devices that keep their address while they scan. */
  readonly fixedAddress: DeviceSettings<boolean>;
  readonly version: string | Missing;
  /** `wifi-p2p.device-name`: names of P2P devices instead of the host name. */
  readonly deviceNames: DeviceSettings<string>;
  /** Only root can read them. */
  readonly profiles: readonly ConnectionProfile[] | Missing;
}

export interface DhcpcdFacts {
  readonly denied: readonly string[];
  /** Empty: all that are not denied. */
  readonly allowed: readonly string[];
  readonly blocks: readonly DhcpcdBlock[];
  /** Its hook that starts wpa_supplicant, and the patterns of interfaces for which that is switched off; null: not installed. */
  readonly supplicantHook: { readonly except: readonly string[] } | null;
}

/** An `interface` block of dhcpcd.conf. */
export interface DhcpcdBlock {
  readonly pattern: string;
  /** `static ip_address` with its prefix length; null: none. */
  readonly staticAddress: string | null;
  /** It requests no address there (`nodhcp`, `noipv4`). */
  readonly withoutDhcp: boolean;
}

/** The part of a .link file of udev that matters here (man systemd.link). */
export interface LinkFile {
  readonly path: string;
  /** The section Match: every condition must hold, by one of its words. Without conditions it is for all interfaces. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
  /** `MACAddressPolicy`, by default `none`. */
  readonly policy: string;
}

/** What is needed to give addresses to phones. */
export interface AddressingFacts {
  /** Paths of the programs; null: not installed. */
  readonly programs: Readonly<Record<'dnsmasq' | 'ip', string | null>>;
  readonly networkdRuns: boolean;
  /** Another interface, with its address, in the network of `group_address`; null: none. */
  readonly conflict: string | null;
  /** Processes that have a port of DNS or DHCP on all addresses. */
  readonly portOwners: readonly PortOwner[];
  /** DHCP servers of other programs on interfaces of groups. */
  readonly groupServers: readonly BoundServer[] | Missing;
  /** Whether the kernel forwards IPv4 packets between interfaces. */
  readonly forwards: boolean | null;
  /** Null: the internet is not shared (`share_internet`). */
  readonly sharing: SharingFacts | null;
}

export interface SharingFacts {
  /** Path of the program; null: not installed. */
  readonly nft: string | null;
  /** The interface with the internet connection; null: there is none. */
  readonly uplink: string | null | Missing;
  /** The uplink forwards packets, or that can be switched on: /proc/sys may be read-only, as in a container. */
  readonly canForward: boolean | Missing;
  readonly blockers: readonly ForwardBlocker[] | Missing;
}

export interface PortOwner {
  readonly port: 53 | 67;
  readonly pid: number | null;
  readonly name: string | null;
  readonly unit: string | null;
  /** Whether another server can use the port at the same time. */
  readonly shares: boolean | null;
}

/** Files and programs that hostp2pd uses itself; null: not configured. */
export interface FileFacts {
  readonly log: OwnLog | null;
  readonly recording: OwnLog | null;
  /** A text: why there is none. */
  readonly pidFolder: Folder | string;
  readonly stateFolder: Folder;
  readonly runtimeFolder: Folder;
  readonly hook: ProgramFacts | null;
  readonly pinModule: { readonly path: string; readonly readable: boolean } | null;
}

/** The log, or a recording. */
export interface OwnLog {
  readonly file: string;
  readonly folder: Folder;
  /** There is something at that path that is not a file. */
  readonly blocked: boolean;
}

/** A folder that hostp2pd creates if it is missing. */
export interface Folder {
  readonly path: string;
  /** The folder, or the nearest existing one above it. */
  readonly nearest: string;
  readonly writable: boolean;
}
