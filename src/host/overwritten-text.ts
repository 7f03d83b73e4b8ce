import type { OverwrittenSetting } from '../session/model.js';
import type { Notice } from '../session/notice.js';
import type { Problem } from '../system/problems.js';

/** Settings of ours in wpa_supplicant that another program has changed, in words. */

type OverwrittenNotice = Extract<Notice, { type: 'settings-overwritten' }>;

export function overwrittenText({ settings, setBack }: OverwrittenNotice): string {
  const keys = keysOf(settings);
  const name = settings.find(isDeviceName);
  if (name === undefined || settings.length > 1)
    return setBack
      ? `another program has changed ${keys}, or let wpa_supplicant read its file again; they are set again`
      : `another program changes ${keys} again and again, or lets wpa_supplicant read its file; they are left so`;
  const { wanted, found } = name;
  const what = setBack
    ? `another program has set device_name to "${found}"; it is set to "${wanted}" again`
    : `another program sets device_name to "${found}" again and again; it is left so, and phones see that name`;
  return `${what}. NetworkManager from 1.60 on does that: ${lineFor(wanted)} prevents it ("hostp2pd doctor" prints the command)`;
}

/** What the status says of those that are left so. */
export function overwrittenProblem(settings: readonly OverwrittenSetting[]): Problem | null {
  if (settings.length === 0) return null;
  const name = settings.find(isDeviceName);
  const others = settings.filter((one) => one !== name);
  const reasons = [
    ...(name ? [`phones see "${name.found}", not "${name.wanted}"`] : []),
    `another program changes ${keysOf(settings)}`,
  ];
  const cure = name && others.length === 0 ? `; NetworkManager needs ${lineFor(name.wanted)}` : '';
  return { reason: reasons.join(': '), waitsFor: `that program to leave it${cure}`, nextTryAt: null };
}

function isDeviceName({ key }: OverwrittenSetting): boolean {
  return key === 'device_name';
}

function keysOf(settings: readonly OverwrittenSetting[]): string {
  return settings.map(({ key }) => key).join(', ');
}

function lineFor(name: string): string {
  return `wifi-p2p.device-name=${name} in a [device] section in /etc/NetworkManager/conf.d`;
}
