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

export const DAEMON_FILES = {
  networkManager: {
    shipped: 'NetworkManager/hostp2pd.conf',
    place: '/etc/NetworkManager/conf.d/hostp2pd.conf',
    lines: ['[keyfile]', 'unmanaged-devices+=interface-name:p2p-*'],
    apply: 'sudo systemctl reload NetworkManager',
  },
  networkManagerRadio: {
    shipped: 'NetworkManager/hostp2pd-radio.conf',
    place: '/etc/NetworkManager/conf.d/hostp2pd-radio.conf',
    lines: ['[keyfile]', 'unmanaged-devices+=interface-name:wlan0;interface-name:p2p-*'],
    apply: 'sudo systemctl restart NetworkManager',
  },
  networkManagerAddress: {
    shipped: 'NetworkManager/hostp2pd-address.conf',
    place: '/etc/NetworkManager/conf.d/hostp2pd-address.conf',
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

/** The command that creates the file and applies it. It does not depend on where hostp2pd is installed. */
export function install({ place, lines, apply }: DaemonFile): string {
  return `printf '${lines.map((line) => `${line}\\n`).join('')}' | sudo tee ${place}; ${apply}`;
}

/** For a daemon with a single file: at its head, because lines below the first block apply to that block only. */
export function prepend({ place, lines, apply }: DaemonFile): string {
  return `sudo sed -i '1i ${lines.join('\\n')}' ${place}; ${apply}`;
}
