/** Whether a version such as `2.10-devel` comes before another; false where it is none. */
export function olderThan(version: string, other: string): boolean {
  const [major, minor] = numbersOf(version);
  const [otherMajor, otherMinor] = numbersOf(other);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function numbersOf(version: string): [major: number, minor: number] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}
