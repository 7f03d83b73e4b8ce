/** IFNAMSIZ without the final zero byte (linux/if.h). */
export const MAX_INTERFACE_BYTES = 15;

/**
 * Whether the kernel takes this text for the name of a network interface (dev_valid_name in net/core/dev.c). Names become
 * file names and arguments of programs, so each one is checked where it comes in: settings, events, replies.
 */
export function isInterfaceName(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || Buffer.byteLength(text) > MAX_INTERFACE_BYTES)
    return false;
  return !/[/:\s\p{Cc}]/u.test(text);
}
