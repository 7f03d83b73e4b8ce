import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  CommandRefusedError,
  ControlInterface,
  type ControlOptions,
  FailureEventError,
} from '#src/wpa/control-interface.js';
import { HEARTBEAT_MS } from '#src/wpa/link.js';
import { DatagramNetwork } from '../../fakes/datagram-network.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { ScriptedSupplicant } from '../../fakes/scripted-supplicant.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const INTERFACE = 'wlan0';
const STATION = '46:00:00:00:01:00';

function lab(t: TestContext) {
  const network = new DatagramNetwork();
  const clock = new ManualClock();
  const server = new ScriptedSupplicant(network, join('/ctrl', INTERFACE));
  const log: string[] = [];
  const options = {
    controlFolder: '/ctrl',
    clientFolder: temporaryFolder(t),
    open: network.open,
    clock,
    watch: () => null,
    listener: {
      up: () => log.push('up'),
      down: ({ code }) => log.push(`down ${code}`),
      event: ({ type }) => log.push(type),
      missed: () => log.push('missed'),
    },
  } satisfies ControlOptions;
  return {
    network,
    clock,
    server,
    log,
    options,
    advance: (ms: number) => clock.advance(ms, () => network.settle()),
    async open(more: ControlOptions = {}): Promise<ControlInterface> {
      server.start();
      const opening = ControlInterface.open(INTERFACE, { ...options, ...more });
      network.settle();
      const control = await opening;
      t.after(() => control.close());
      server.take();
      return control;
    },
    emit(text: string): void {
      server.emit(text);
      network.settle();
    },
  };
}

type Lab = ReturnType<typeof lab>;

/** Only the timer of the heartbeat is left. */
function nothingWaits({ clock }: Lab): void {
  assert.equal(clock.waiting.length, 1);
  assert.ok((clock.waiting[0] ?? 0) <= HEARTBEAT_MS);
}

describe('opening', () => {
  test('resolves when the interface is attached; close leaves nothing behind', async (t) => {
    const place = lab(t);
    const control = await place.open();
    assert.equal(control.attached, true);
    await turn();
    assert.deepEqual(place.log, ['up']);
    control.close();
    control.close();
    place.network.settle();
    assert.equal(control.attached, false);
    assert.deepEqual(place.server.take(), ['DETACH']);
    assert.deepEqual(place.network.bound, ['/ctrl/wlan0']);
    assert.deepEqual(place.clock.waiting, []);
  });

  test('waits for a program that starts later', async (t) => {
    const { network, server, advance, options } = lab(t);
    const opening = ControlInterface.open(INTERFACE, options);
    advance(3_000);
    server.start();
    advance(5_000);
    network.settle();
    (await opening).close();
  });

  test('gives up at its time limit, with the reason of the last attempt', async (t) => {
    const { network, clock, advance, options } = lab(t);
    const opening = ControlInterface.open(INTERFACE, { ...options, timeout: 2_000 });
    advance(1_999);
    assert.ok(network.bound.length > 0 || clock.waiting.length > 0);
    advance(1);
    await assert.rejects(opening, { code: 'CONTROL_UNAVAILABLE', message: /no program answers there/ });
    assert.deepEqual(network.bound, []);
    assert.deepEqual(clock.waiting, []);
  });

  test('gives up on a program that never answers', async (t) => {
    const { server, network, clock, advance, options } = lab(t);
    server.script = () => null;
    server.start();
    const opening = ControlInterface.open(INTERFACE, { ...options, timeout: 2_000 });
    network.settle();
    advance(2_000);
    await assert.rejects(opening, { code: 'CONTROL_TIMEOUT', message: 'wlan0: no answer within 2 s' });
    assert.deepEqual(clock.waiting, []);
  });

  test('fails at once if another attempt cannot help', async (t) => {
    const { network, clock, options } = lab(t);
    network.refuseBinding('EROFS');
    await assert.rejects(ControlInterface.open(INTERFACE, options), { code: 'SOCKET_PATH' });
    await assert.rejects(ControlInterface.open('../wlan0', options), { code: 'COMMAND_INVALID' });
    assert.deepEqual(clock.waiting, []);
  });

  test('can be aborted', async (t) => {
    const { clock, options } = lab(t);
    const abort = new AbortController();
    const opening = ControlInterface.open(INTERFACE, { ...options, signal: abort.signal });
    abort.abort('enough');
    await assert.rejects(opening, { code: 'ABORTED', cause: 'enough' });
    await assert.rejects(ControlInterface.open(INTERFACE, { ...options, signal: abort.signal }), {
      code: 'ABORTED',
    });
    assert.deepEqual(clock.waiting, []);
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0);
  });
});

describe('requests', () => {
  test('resolve with the reply without its line end', async (t) => {
    const { open, server, network } = lab(t);
    const control = await open();
    server.script = (command) => (command === 'STATUS' ? 'wpa_state=COMPLETED\nmode=station\n' : undefined);
    const reply = control.request('STATUS');
    network.settle();
    assert.equal(await reply, 'wpa_state=COMPLETED\nmode=station');
  });

  for (const [reply, refusal] of [
    ['FAIL\n', 'FAIL'],
    ['FAIL-BUSY\n', 'FAIL-BUSY'],
    ['UNKNOWN COMMAND\n', 'UNKNOWN COMMAND'],
    ['FAIL-CHANNEL-UNSUPPORTED\n', 'FAIL-CHANNEL-UNSUPPORTED'],
    ['FAIL-OF-A-LATER-RELEASE\n', 'FAIL'],
  ] as const) {
    test(`reject with an error code: ${reply.trim()}`, async (t) => {
      const { open, server, network } = lab(t);
      const control = await open();
      server.script = () => reply;
      const request = control.request('SET_NETWORK 0 psk "secret passphrase"');
      network.settle();
      await assert.rejects(request, (error) => {
        assert.ok(error instanceof CommandRefusedError);
        assert.equal(error.code, 'COMMAND_REFUSED');
        assert.equal(error.refusal, refusal);
        assert.equal(error.reply, reply);
        assert.match(error.message, /^SET_NETWORK: /);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
  }

  test('reject if the text is no valid command, or without a link', async (t) => {
    const { open, server, network } = lab(t);
    const control = await open();
    await assert.rejects(control.request('PING\nPING'), { code: 'COMMAND_INVALID' });
    server.script = () => null;
    const pending = control.request('PING');
    network.settle();
    control.close();
    await assert.rejects(pending, { code: 'CONTROL_CLOSED' });
    await assert.rejects(control.request('PING'), { code: 'CONTROL_UNAVAILABLE' });
  });
});

describe('waiting for an event', () => {
  test('resolves with the first event of that name for which the condition holds', async (t) => {
    const place = lab(t);
    const control = await place.open();
    const any = control.waitFor(['AP-STA-DISCONNECTED', 'AP-STA-CONNECTED']);
    const wanted = control.waitFor('AP-STA-CONNECTED', { where: ({ address }) => address === STATION });
    place.emit('AP-STA-CONNECTED nonsense');
    place.emit('AP-STA-CONNECTED 46:00:00:00:02:00');
    place.emit(`AP-STA-CONNECTED ${STATION} p2p_dev_addr=42:00:00:00:01:00`);
    place.emit(`AP-STA-CONNECTED ${STATION}`);
    assert.equal((await any).address, '46:00:00:00:02:00');
    const { type, deviceAddress } = await wanted;
    assert.deepEqual([type, deviceAddress], ['AP-STA-CONNECTED', '42:00:00:00:01:00']);
    nothingWaits(place);
  });

  test('accepts events without a parser', async (t) => {
    const { open, emit } = lab(t);
    const control = await open();
    const waiting = control.waitFor('DFS-CAC-START');
    emit('DFS-CAC-START freq=5260');
    assert.equal((await waiting).text, 'DFS-CAC-START freq=5260');
  });

  test('rejects with the first failure event, malformed or not', async (t) => {
    const place = lab(t);
    const control = await place.open();
    const failure = ['CTRL-EVENT-ASSOC-REJECT', 'CTRL-EVENT-SSID-TEMP-DISABLED'];
    for (const [type, text] of [
      [failure[0], 'CTRL-EVENT-ASSOC-REJECT bssid=42:00:00:00:00:01 status_code=17'],
      ['unknown', 'CTRL-EVENT-SSID-TEMP-DISABLED nonsense'],
    ] as const) {
      const waiting = control.waitFor('CTRL-EVENT-CONNECTED', { failure });
      place.emit('CTRL-EVENT-SCAN-RESULTS ');
      place.emit(text);
      place.emit('CTRL-EVENT-CONNECTED - Connection to 42:00:00:00:00:01 completed [id=0 id_str=]');
      await assert.rejects(waiting, (error) => {
        assert.ok(error instanceof FailureEventError);
        assert.equal(error.code, 'FAILURE_EVENT');
        assert.equal(error.event.type, type);
        return true;
      });
    }
    nothingWaits(place);
  });

  test('is bounded, also if the limit is longer than a timer can be', async (t) => {
    const place = lab(t);
    const control = await place.open();
    const waiting = control.waitFor('AP-STA-CONNECTED', { timeout: 5_000 });
    place.advance(4_999);
    assert.equal(place.clock.waiting[0], 1);
    place.advance(1);
    const message = 'wlan0: no AP-STA-CONNECTED within 5 s';
    await assert.rejects(waiting, { code: 'CONTROL_TIMEOUT', message });
    nothingWaits(place);
    const endless = control.waitFor('AP-STA-CONNECTED', { timeout: Number.POSITIVE_INFINITY });
    assert.equal(place.clock.waiting.at(-1), 2 ** 31 - 1);
    control.close();
    await assert.rejects(endless, { code: 'CONTROL_CLOSED' });
  });

  test('rejects when the link is lost, and at once while there is none', async (t) => {
    const place = lab(t);
    const control = await place.open();
    const waiting = control.waitFor('AP-STA-CONNECTED');
    place.emit('CTRL-EVENT-TERMINATING ');
    await assert.rejects(waiting, { code: 'CONTROL_UNAVAILABLE', message: /wpa_supplicant has ended/ });
    await assert.rejects(control.waitFor('AP-STA-CONNECTED'), { code: 'CONTROL_UNAVAILABLE' });
    assert.equal(place.clock.waiting.length, 1, 'only the next attempt to attach');
    await turn();
    assert.deepEqual(place.log, ['up', 'CTRL-EVENT-TERMINATING', 'down CONTROL_UNAVAILABLE']);
    place.advance(1_000);
    assert.equal(control.attached, true);
  });

  test('can be aborted, before and during the wait', async (t) => {
    const place = lab(t);
    const control = await place.open();
    const abort = new AbortController();
    const { signal } = abort;
    const first = control.waitFor('AP-STA-CONNECTED', { signal });
    place.emit(`AP-STA-CONNECTED ${STATION}`);
    await first;
    const second = control.waitFor('AP-STA-CONNECTED', { signal });
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    abort.abort();
    await assert.rejects(second, { code: 'ABORTED' });
    await assert.rejects(control.waitFor('AP-STA-CONNECTED', { signal }), { code: 'ABORTED' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    nothingWaits(place);
  });

  test('sends its command after it listens; a refusal ends the wait', async (t) => {
    const place = lab(t);
    const control = await place.open();
    place.server.script = (command, from) => {
      if (command !== 'RECONNECT') return undefined;
      place.server.emit('CTRL-EVENT-CONNECTED - Connection to 42:00:00:00:00:01 completed [id=3 id_str=]');
      place.server.say('OK\n', from);
      return null;
    };
    const connecting = control.waitFor('CTRL-EVENT-CONNECTED', { command: 'RECONNECT' });
    place.network.settle();
    assert.equal((await connecting).id, 3);
    const refused = control.waitFor('CTRL-EVENT-CONNECTED', { command: 'REASSOCIATE' });
    place.network.settle();
    await assert.rejects(refused, { code: 'COMMAND_REFUSED', refusal: 'UNKNOWN COMMAND' });
    nothingWaits(place);
  });

  test('a condition that throws ends only that wait', async (t) => {
    const { open, emit } = lab(t);
    const control = await open();
    const broken = control.waitFor('AP-STA-CONNECTED', {
      where: () => {
        throw new RangeError('of the caller');
      },
    });
    const other = control.waitFor('AP-STA-CONNECTED');
    emit(`AP-STA-CONNECTED ${STATION}`);
    await assert.rejects(broken, RangeError);
    assert.equal((await other).address, STATION);
  });
});

test('hostapd does not echo requests: its events are delivered from the first one on', async (t) => {
  const place = lab(t);
  place.server.isHostapd = true;
  const control = await place.open();
  const waiting = control.waitFor('AP-STA-CONNECTED');
  place.emit(`AP-STA-CONNECTED ${STATION}`);
  assert.equal((await waiting).address, STATION);
  place.advance(3 * HEARTBEAT_MS);
  const later = control.waitFor('AP-STA-CONNECTED');
  place.emit(`AP-STA-CONNECTED ${STATION}`);
  await later;
  assert.deepEqual(place.log, ['up', 'AP-STA-CONNECTED', 'AP-STA-CONNECTED']);
});
