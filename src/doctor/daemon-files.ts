import { quoted } from '../system/values.js';
import type { NetworkManagerFacts } from './facts.js';

/** The files that make other daemons leave our interfaces alone, and the commands that install them. */

/** A file that makes another daemon leave our interfaces alone. */
interface DaemonFile {
  /** Path below packaging/neighbours/, which ships it. */
  readonly shipped: string;
  /** Path on the machine. */
  readonly place: string;
  /** Its lines without comments and empty lines. */
  readonly lines: readonly string[];
  /** The command that makes the daemon read it. */
  readonly apply: string;
}

/** NetworkManager takes what the last file says: the names of ours sort behind those of users, such as unmanaged.conf. */
export const DAEMON_FILES = {
  networkManager: {
    shipped: 'NetworkManager/zz-hostp2pd.conf',
    place: '/etc/NetworkManager/conf.d/zz-hostp2pd.conf',
    lines: ['[keyfile]', 'unmanaged-devices+=interface-name:p2p-*'],
    apply: 'sudo systemctl reload NetworkManager',
  },
  networkManagerRadio: {
    shipped: 'NetworkManager/zz-hostp2pd-radio.conf',
    place: '/etc/NetworkManager/conf.d/zz-hostp2pd-radio.conf',
    lines: ['[keyfile]', 'unmanaged-devices+=interface-name:wlan0;interface-name:p2p-*'],
    apply: 'sudo systemctl restart NetworkManager',
  },
  networkManagerAddress: {
    shipped: 'NetworkManager/zz-hostp2pd-address.conf',
    place: '/etc/NetworkManager/conf.d/zz-hostp2pd-address.conf',
    lines: ['[device-hostp2pd-address]', 'match-device=type:wifi', 'wifi.scan-rand-mac-address=no'],
    apply: 'sudo systemctl restart NetworkManager',
  },
  dbus: {
    shipped: 'dbus/hostp2pd.conf',
    place: '/etc/dbus-1/system.d/hostp2pd.conf',
    lines: [
      '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"',
      ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">',
      '<busconfig>',
      '  <policy context="mandatory">',
      '    <deny send_destination="fi.w1.wpa_supplicant1" send_interface="fi.w1.wpa_supplicant1" send_member="RemoveInterface"/>',
      '  </policy>',
      '</busconfig>',
    ],
    apply: 'sudo systemctl reload dbus',
  },
  dhcpcd: {
    shipped: 'dhcpcd/hostp2pd.conf',
    place: '/etc/dhcpcd.conf',
    lines: ['denyinterfaces p2p-*'],
    apply: 'sudo systemctl restart dhcpcd',
  },
  udev: {
    shipped: 'udev/10-hostp2pd-p2p.link',
    place: '/etc/systemd/network/10-hostp2pd-p2p.link',
    lines: ['[Match]', 'OriginalName=p2p-*', '[Link]', 'NamePolicy=keep', 'MACAddressPolicy=none'],
    apply: 'sudo udevadm control --reload',
  },
} as const satisfies Readonly<Record<string, DaemonFile>>;

/** NetworkManager keeps cables connected while it restarts. */
export const RESTART_ENDS = 'this ends the Wi-Fi connections of NetworkManager for some seconds';

/** Cables keep their addresses, if dhcpcd.conf has `persistent`, as that of Debian and Raspberry Pi OS. */
export const DHCPCD_RESTART_ENDS = 'this ends the connections of dhcpcd for some seconds';

/**
 * How to make NetworkManager leave those radios alone, and what that ends.
 * @param renew restarts what serves the radios from then on
 */
export function leaveRadios(
  { removalDenied }: NetworkManagerFacts,
  radios: readonly string[],
  renew: readonly string[] = [],
): string {
  const file = DAEMON_FILES.networkManagerRadio;
  const devices = radios.map((radio) => `interface-name:${radio}`).join(';');
  const lines = file.lines.map((line) => line.replace('interface-name:wlan0', devices));
  // If NetworkManager may not take a radio from its wpa_supplicant, that keeps it until it is started again.
  const release = removalDenied ? ['sudo systemctl restart wpa_supplicant'] : [];
  const ends = `${RESTART_ENDS}, and that of ${radios.join(' and ')} for good`;
  return [install({ ...file, lines }), ...release, ...renew, ends].join('; ');
}

/** The command that creates the file and applies it. It does not depend on where hostp2pd is installed. */
export function install({ place, lines, apply }: DaemonFile): string {
  return `printf ${quoted(lines.map((line) => `${line}\\n`).join(''))} | sudo tee ${place}; ${apply}`;
}

/** For a daemon with a single file: at its head, because lines below the first block apply to that block only. */
export function prepend({ place, lines, apply }: DaemonFile): string {
  return `sudo sed -i ${quoted(`1i ${lines.join('\\n')}`)} ${place}; ${apply}`;
}
