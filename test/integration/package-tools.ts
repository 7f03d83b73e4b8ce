import { spawnSync } from 'node:child_process';

/** Why packages cannot be made and installed here; false where they can. */
export function reasonToSkipPackages(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  for (const command of ['g++', 'make', 'python3'])
    if (spawnSync(command, ['--version']).error)
      return `the addon cannot be compiled: ${command} is not installed`;
  if (spawnSync('npm', ['ping'], { timeout: 20_000 }).status !== 0) return 'npm does not reach its registry';
  return false;
}
