import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerFacts, MachineFacts, Mount, Radio } from '../facts.js';
import { pathsIn, type Sources, textOf, textsOf, wordOf } from './sources.js';

/** Where the kernel looks for it; /lib is a link to usr/lib on most systems. */
const DATABASES = ['lib/firmware/regulatory.db', 'usr/lib/firmware/regulatory.db'];

export async function gatherMachine(
  sources: Pick<Sources, 'root' | 'run'>,
  radios: readonly Radio[],
): Promise<MachineFacts> {
  const { root } = sources;
  const [model, release, kernel, disabledFeatures, firmware, container] = await Promise.all([
    wordOf(root, 'proc/device-tree/model'),
    textOf(root, 'etc/os-release'),
    wordOf(root, 'proc/sys/kernel/osrelease'),
    gatherDisabledFeatures(root),
    gatherFirmware(sources, radios),
    gatherContainer(root),
  ]);
  return {
    // The text ends in NUL.
    model: model?.replaceAll('\0', '') ?? null,
    system: /^PRETTY_NAME="?(.*?)"?$/m.exec(release ?? '')?.[1] ?? null,
    kernel,
    hasRegulatoryDatabase: DATABASES.some((path) => existsSync(join(root, path))),
    disabledFeatures,
    firmware,
    container,
  };
}

/** The folders of modprobe, the most important first (man modprobe.d). */
const OPTION_FOLDERS = ['etc/modprobe.d', 'run/modprobe.d', 'usr/lib/modprobe.d', 'lib/modprobe.d'];

/**
 * The kernel does not show the value (its mode in sysfs is 0), so what modprobe and the boot loader pass is read. The last
 * value counts.
 */
async function gatherDisabledFeatures(root: string): Promise<number> {
  const [commandLine, paths] = await Promise.all([
    textOf(root, 'proc/cmdline'),
    pathsIn(root, OPTION_FOLDERS, '.conf'),
  ]);
  const options = (await textsOf(root, paths)).flatMap(
    (text) => text.match(/^\s*options\s+brcmfmac\s.*$/gm) ?? [],
  );
  const passed = (commandLine ?? '').match(/\bbrcmfmac\.feature_disable=\S+/g) ?? [];
  const values = [...options, ...passed].flatMap(
    (text) => /\bfeature_disable=(0x[0-9a-f]+|\d+)/i.exec(text)?.[1] ?? [],
  );
  return Number(values.at(-1) ?? 0);
}

/** `ethtool -i` */
async function gatherFirmware(
  { run }: Pick<Sources, 'run'>,
  radios: readonly Radio[],
): Promise<Map<string, string>> {
  const firmware = new Map<string, string>();
  for (const { name } of radios.filter(({ driver }) => driver === 'brcmfmac')) {
    const output = await run('ethtool', ['-i', name]);
    const version = typeof output === 'string' ? /^firmware-version: (\S.*)$/m.exec(output)?.[1] : undefined;
    if (version !== undefined) firmware.set(name, version.trim());
  }
  return firmware;
}

async function gatherContainer(root: string): Promise<ContainerFacts | null> {
  const kind = existsSync(join(root, 'run/.containerenv'))
    ? 'podman'
    : existsSync(join(root, '.dockerenv'))
      ? 'docker'
      : null;
  // With the processes of the host (--pid=host) wpa_supplicant can be seen; a copy of an image on a real machine has the mark too.
  const seesKernel = (await wordOf(root, 'proc/2/comm')) === 'kthreadd';
  if (kind === null || seesKernel) return null;
  return { kind, mounts: parseMounts((await textOf(root, 'proc/self/mountinfo')) ?? '') };
}

function parseMounts(table: string): Mount[] {
  return table.split('\n').flatMap((line) => {
    const [, , , mountRoot, point] = line.split(' ');
    return mountRoot === undefined || point === undefined ? [] : [{ root: mountRoot, point }];
  });
}
