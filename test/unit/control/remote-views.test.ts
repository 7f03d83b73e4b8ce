import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteView } from '#src/control/remote-views.js';
import { HostP2pError } from '#src/system/errors.js';
import { aStation, RUNNING } from '../../fakes/monitor-data.js';

test('status: one question; a daemon of another version is asked without the parameter', async () => {
  const asked: string[] = [];
  const view = remoteView('status');
  const answer = { ...RUNNING, stations: 1, stationDetails: [aStation(1)] };
  const output = await view?.(async (path) => {
    asked.push(path);
    return JSON.parse(JSON.stringify(answer));
  }, {});
  assert.deepEqual(asked, ['/v1/status?details=true']);
  assert.deepEqual(output?.value, answer);
  assert.match(output?.text ?? '', /^stations: +1\nName .*\nPhone 1 /m);

  const older = await view?.(async (path) => {
    if (path.includes('?')) throw new HostP2pError('USAGE', 'parameter: expected none');
    return JSON.parse(JSON.stringify(RUNNING));
  }, {});
  assert.match(older?.text ?? '', /^phase: +running$[\s\S]*^stations: +unknown$/m);
  await assert.rejects(
    view?.(async () => Promise.reject(new HostP2pError('BUSY', 'x')), {}) ?? Promise.resolve(),
    /x/,
  );
});

test('other commands are carried out by the daemon', () => {
  for (const name of ['pair', 'toString', 'clients']) assert.equal(remoteView(name), undefined);
});
