/**
 * Sends a signal to a process group.
 * @returns whether the group has members that it could be sent to
 */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    // ESRCH: nobody left. EPERM: nobody of ours left, as after a change of user.
    return false;
  }
}
