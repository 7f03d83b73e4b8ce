import { readFileSync, statSync } from 'node:fs';

/** Which user or group may use each of these paths, in words: a socket, and perhaps the folder that it is in. */
export function neededRights(...paths: readonly string[]): string {
  const owners = paths.flatMap((path) => {
    try {
      const { uid, gid, mode } = statSync(path);
      const groupMay = (mode & 0o070) !== 0 && gid !== 0;
      const group = groupMay ? ` or a member of group ${nameOf('/etc/group', gid)}` : '';
      return [`${path} is for user ${nameOf('/etc/passwd', uid)}${group}`];
    } catch {
      // A path that cannot be looked at is behind a folder that can.
      return [];
    }
  });
  return owners.length > 0 ? owners.join('; ') : 'run as root, or as a member of the group in ctrl_interface';
}

function nameOf(file: '/etc/passwd' | '/etc/group', id: number): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    const [name] = lines.find((line) => line.split(':')[2] === String(id))?.split(':') ?? [];
    return name ?? String(id);
  } catch {
    return String(id);
  }
}
