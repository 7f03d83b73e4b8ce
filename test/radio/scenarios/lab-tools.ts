import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Scenario } from '../guest/scenario.js';

/** Possible device names, which a hook must get byte for byte. */
const NASTY = [
  'connected',
  '$(touch /tmp/p)',
  'x;touch /tmp/p',
  "' p2p_dev_addr=00:11:22:33:44:55",
  '',
  'ä\n"b"',
];

const CALLER = `
trap 'echo stopping; exit 7' TERM
read -r line && echo "read $line"
HOSTP2PD_TEST='a=b' "$@"
echo ready >&2
while :; do sleep 1; done
`;

/** The lab's own tools, without radio: programs, hooks and waits. */
const scenario: Scenario = {
  name: 'lab-tools',
  title: 'programs and hooks are recorded byte for byte, and waits end in time',
  timeoutSeconds: 40,
  async run(lab) {
    const hook = lab.hookLog('hook', { afterwards: 'echo "the hook says $#"' });
    const caller = lab.startDaemon({
      name: 'caller',
      command: 'sh',
      args: ['-c', CALLER, 'sh', hook.script, ...NASTY],
      env: { PATH: '/usr/bin:/bin', HOSTP2PD_TEST: undefined },
      input: true,
    });
    caller.write('a line\n');
    await caller.waitOutput('read a line', 10);
    const call = await hook.expect(NASTY, 10);
    assert.equal(call.environment['HOSTP2PD_TEST'], 'a=b');
    await caller.waitOutput('the hook says 6', 10);
    await caller.waitOutput((line) => line.stream === 'stderr' && line.text === 'ready', 10);
    assert.deepEqual(await caller.stop(), { code: 7, signal: null });
    assert.equal(caller.stdout, 'read a line\nthe hook says 6\nstopping\n');
    assert.equal(hook.calls.length, 1);
    assert.ok(!existsSync('/tmp/p'));

    await assert.rejects(hook.expect(['never'], 1), /expected hook: \["never"\] within 3 s, got/);
    await assert.rejects(caller.waitOutput(/never/, 0.2), /expected caller's output: \/never\//);
    const { code, stdout } = await lab.run({ command: 'sh', args: ['-c', 'echo out; exit 3'] });
    assert.deepEqual([code, stdout], [3, 'out\n']);
    const missing = await lab.run({ command: '/no/such/program' });
    assert.deepEqual([missing.code, missing.signal], [-2, null]);
  },
};

export default scenario;
