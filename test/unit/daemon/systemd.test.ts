import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  oneLine,
  type ReportedSession,
  SystemdNotifier,
  takeServiceEnvironment,
} from '#src/daemon/systemd.js';
import { NO_ADMISSION } from '#src/host/admission-view.js';
import { EventHub } from '#src/host/event-hub.js';
import type { StatusView } from '#src/host/status.js';
import { HostP2pError } from '#src/system/errors.js';
import { DatagramError } from '#src/wpa/unix-datagram.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const SOCKET = '/run/systemd/notify';
const WATCHDOG_MS = 20_000;
const UP = { type: 'attached', interface: 'p2p-dev-wlan0' } as const;
const WAITING = { type: 'waiting', code: 'CONTROL_UNAVAILABLE', reason: 'nobody there' } as const;
const STARTED = 'STATUS=no group: starting';
const SINCE = '2026-01-01T12:00:00.000Z';
const SINCE_TEXT = `since ${new Date(SINCE).toLocaleString('sv-SE').slice(0, 16)}`;
const AFTER = { since: SINCE, waitsFor: 'a phone', nextTrySeconds: null } as const;
const ON_DEMAND = { ...AFTER, cause: 'on-demand', reason: 'nobody asks' } as const;
const NO_GROUP = `STATUS=no group ${SINCE_TEXT}: nobody asks; waits for a phone`;
const waiting = (reason: string) =>
  `STATUS=waiting ${SINCE_TEXT}: ${reason}; waits for a phone, looked for every few seconds`;
const GROUP = { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP', frequency: 2437, networkId: 0 };

/** Lets the promises settle. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

class Session implements ReportedSession {
  readonly hub = new EventHub((type, error) => assert.fail(`${type}: ${error}`));
  readonly on: ReportedSession['on'] = (type, listener) => this.hub.on(type, listener);
  readonly onPhase: ReportedSession['onPhase'] = (listener) => this.phaseListeners.push(listener);
  readonly phaseListeners: (() => void)[] = [];
  readonly stations = [];
  pulses = 0;
  answer: () => Promise<void> = () => Promise.resolve();
  status: StatusView = {
    phase: 'detached',
    interface: null,
    attached: false,
    group: null,
    groupSince: null,
    technique: 'persistent',
    admission: NO_ADMISSION,
    hook: null,
    noGroup: null,
    enrolling: [],
    pairing: null,
    paused: false,
    groupStopped: false,
    eventsHeldBack: null,
    withoutAddress: [],
    addresses: null,
    problems: [],
    recording: null,
  };

  /** What does not work. */
  fails(subject: StatusView['problems'][number]['subject'], reason: string): void {
    this.status = { ...this.status, problems: [{ ...AFTER, subject, reason }] };
  }

  changePhase(): void {
    for (const listener of this.phaseListeners) listener();
  }

  /** The session is attached and has no group. */
  attach(): void {
    this.status = { ...this.status, attached: true, noGroup: ON_DEMAND };
    this.hub.emit(UP);
    this.changePhase();
  }

  /** There is no wpa_supplicant yet. */
  wait(): void {
    this.status = {
      ...this.status,
      noGroup: { ...AFTER, cause: 'supplicant', reason: WAITING.reason, nextTrySeconds: 5 },
    };
    this.hub.emit(WAITING);
  }

  lose(reason: string): void {
    this.status = {
      ...this.status,
      attached: false,
      noGroup: { ...AFTER, cause: 'supplicant', reason, nextTrySeconds: 0 },
    };
    this.hub.emit({ type: 'detached', reason });
    this.changePhase();
  }

  pulse(): Promise<void> {
    this.pulses++;
    return this.answer();
  }
}

function setUp({ socket = SOCKET, watchdogMs = null as number | null, serving = Promise.resolve() } = {}) {
  const session = new Session();
  const clock = new ManualClock();
  const logger = new CapturedLog();
  const sent: string[] = [];
  const refuse: { errno: string | null } = { errno: null };
  const sender = {
    open: true,
    send(text: string, to: string) {
      if (refuse.errno !== null) throw new DatagramError('send', refuse.errno, to);
      assert.equal(to, SOCKET);
      sent.push(text);
    },
    close() {
      this.open = false;
    },
  };
  const notifier = new SystemdNotifier({ socket, watchdogMs }, session, {
    open: () => sender,
    clock,
    logger,
    monotonicUsec: () => 1_234_567n,
  });
  notifier.start(serving);
  const took = () => sent.splice(0);
  return { session, clock, logger, sender, refuse, notifier, took };
}

test('READY=1 is sent once, when the session is attached, and not while it waits', async () => {
  const { session, took } = setUp();
  session.wait();
  await settled();
  assert.deepEqual(took(), [STARTED, waiting('nobody there')]);
  session.attach();
  await settled();
  assert.deepEqual(took(), [NO_GROUP, `READY=1\n${NO_GROUP}`]);
  session.lose('gone');
  session.attach();
  await settled();
  assert.deepEqual(took(), [waiting('gone'), NO_GROUP]);
});

test('READY=1 is sent after the control socket is open', async () => {
  let open = () => {};
  const { session, took } = setUp({
    serving: new Promise((resolve) => {
      open = resolve;
    }),
  });
  session.attach();
  await settled();
  assert.deepEqual(took(), [STARTED, NO_GROUP]);
  session.lose('gone');
  open();
  await settled();
  took();
  // The link was lost meanwhile, so the next attachment counts.
  session.attach();
  await settled();
  assert.deepEqual(took(), [NO_GROUP, `READY=1\n${NO_GROUP}`]);
});

test('STATUS follows the session, and is sent when it changes', async () => {
  const { session, took } = setUp();
  session.attach();
  await settled();
  took();
  session.status = { ...session.status, group: GROUP };
  session.changePhase();
  session.changePhase();
  session.status = { ...session.status, paused: true };
  session.hub.emit({ type: 'paused' });
  session.status = { ...session.status, group: null, paused: false };
  session.hub.emit({ type: 'resumed' });
  assert.deepEqual(took(), [
    'STATUS=group "DIRECT-PP" at 2437 MHz, 0 stations',
    'STATUS=paused; group "DIRECT-PP" at 2437 MHz, 0 stations',
    NO_GROUP,
  ]);
});

test('a reload sends RELOADING=1, then READY=1, also if it was refused', async () => {
  const { session, notifier, took } = setUp();
  session.attach();
  await settled();
  took();
  const begun = 'RELOADING=1\nMONOTONIC_USEC=1234567';
  notifier.reloading();
  session.fails('configuration', 'reload failed: pin: found x');
  notifier.changed();
  notifier.reloaded();
  const refused = `${NO_GROUP}; configuration ${SINCE_TEXT}: reload failed: pin: found x; waits for a phone`;
  assert.deepEqual(took(), [begun, `READY=1\n${refused}`]);
  session.status = { ...session.status, problems: [] };
  notifier.reloading();
  notifier.reloading();
  notifier.reloaded();
  notifier.reloaded();
  assert.deepEqual(took(), [begun, begun, NO_GROUP, `READY=1\n${NO_GROUP}`]);
});

test('STATUS has what does not work, and is sent when that changes', async () => {
  const { session, notifier, took } = setUp();
  session.status = { ...session.status, group: GROUP };
  session.attach();
  await settled();
  took();
  session.fails('hooks', 'hook connect: /x ended with code 1');
  notifier.changed();
  const group = 'STATUS=group "DIRECT-PP" at 2437 MHz, 0 stations';
  assert.deepEqual(took(), [
    `${group}; hooks ${SINCE_TEXT}: hook connect: /x ended with code 1; waits for a phone`,
  ]);
});

test('an SSID or a reason with line breaks does not add a line to the message', async () => {
  const { session, notifier, took } = setUp();
  session.status = { ...session.status, group: { ...GROUP, ssid: 'a\nREADY=1\r\u001b[2J' } };
  session.changePhase();
  const [, text = ''] = took();
  assert.match(text, /^STATUS=group "a; READY=1/);
  assert.doesNotMatch(text, /[\n\r\u001b]/);
  session.fails('configuration', 'configuration x:\n  pin: found y');
  notifier.changed();
  assert.match(took()[0] ?? '', /: configuration x:; pin: found y; waits for a phone$/);
});

test("the longest text fits systemd's limit", async () => {
  const { session, notifier, took } = setUp();
  session.attach();
  await settled();
  took();
  notifier.reloading();
  session.fails('configuration', '€'.repeat(5_000));
  notifier.reloaded();
  const [, text = ''] = took();
  assert.match(text, /^READY=1\nSTATUS=.*€…$/);
  assert.ok(Buffer.byteLength(text) < 4_096);
  const line = text.replace('READY=1\nSTATUS=', '');
  assert.equal(oneLine(line), line);
});

test('a reload before the session is attached sends no READY=1', () => {
  const { session, notifier, took } = setUp();
  session.wait();
  took();
  notifier.reloading();
  notifier.reloaded();
  assert.deepEqual(took(), []);
});

test('STOPPING=1 is sent once, and nothing after it', async () => {
  const asked = setUp();
  asked.session.attach();
  asked.notifier.stopping();
  asked.notifier.stopping('x');
  asked.session.lose('x');
  await settled();
  asked.notifier.close();
  assert.deepEqual(asked.took().slice(2), ['STOPPING=1\nSTATUS=stopping']);
  assert.equal(asked.sender.open, false);

  const failed = setUp();
  failed.notifier.stopping('configuration:\n  pin');
  assert.deepEqual(failed.took(), [STARTED, 'STOPPING=1\nSTATUS=failed: configuration:; pin']);
});

test('the watchdog is fed at half its interval, each time after a reply of the session', async () => {
  const { session, clock, notifier, took } = setUp({ watchdogMs: WATCHDOG_MS });
  await settled();
  assert.deepEqual(took(), [STARTED, 'WATCHDOG=1']);
  clock.advance(WATCHDOG_MS / 2 - 1);
  await settled();
  assert.deepEqual(took(), []);
  clock.advance(1);
  await settled();
  assert.deepEqual(took(), ['WATCHDOG=1']);

  // A session that does not answer: no WATCHDOG=1, and no second question.
  let answer = () => {};
  session.answer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const before = session.pulses;
  for (let beat = 0; beat < 10; beat++) {
    clock.advance(WATCHDOG_MS / 2);
    await settled();
  }
  assert.deepEqual(took(), []);
  assert.equal(session.pulses, before + 1);
  answer();
  await settled();
  assert.deepEqual(took(), ['WATCHDOG=1']);

  notifier.close();
  assert.deepEqual(clock.waiting, []);
});

test('a session that has not started does not feed the watchdog; a failed check is logged', async () => {
  const { session, clock, logger, took } = setUp({ watchdogMs: WATCHDOG_MS });
  session.answer = () => Promise.reject(new HostP2pError('STATE', 'x'));
  clock.advance(WATCHDOG_MS / 2);
  await settled();
  took();
  clock.advance(WATCHDOG_MS / 2);
  await settled();
  assert.deepEqual(logger.lines, []);
  session.answer = () => Promise.reject(new TypeError('no such thing'));
  clock.advance(WATCHDOG_MS / 2);
  await settled();
  assert.deepEqual(took(), []);
  assert.deepEqual(logger.lines, ['error the session does not respond: no such thing']);
});

test('without a watchdog the session is not asked', async () => {
  const { session, clock } = setUp();
  clock.advance(WATCHDOG_MS);
  assert.equal(session.pulses, 0);
  assert.deepEqual(clock.waiting, []);
});

test('a full queue is waited for, in order; any other error is logged once and has no other effect', async () => {
  const { session, clock, logger, notifier, refuse, took } = setUp();
  took();
  refuse.errno = 'EAGAIN';
  session.wait();
  session.attach();
  await settled();
  clock.advance(10_000);
  refuse.errno = null;
  clock.advance(200);
  assert.deepEqual(took(), [waiting('nobody there'), NO_GROUP, `READY=1\n${NO_GROUP}`]);
  assert.deepEqual(logger.lines, []);

  refuse.errno = 'ECONNREFUSED';
  session.wait();
  session.attach();
  assert.deepEqual(logger.lines, [`warning cannot notify systemd: ${SOCKET}: no program answers there`]);
  refuse.errno = null;
  notifier.reloading();
  assert.equal(took().length, 1);
});

test('an unusable address is logged, and the watchdog is not affected', () => {
  for (const socket of ['@/org/freedesktop/systemd1/notify', 'vsock:2:9999']) {
    const { session, clock, logger, notifier, took } = setUp({ socket, watchdogMs: WATCHDOG_MS });
    session.attach();
    notifier.stopping();
    notifier.close();
    assert.deepEqual(took(), []);
    assert.equal(session.pulses, 0);
    assert.deepEqual(clock.waiting, []);
    assert.equal(logger.lines.length, 1);
    assert.match(
      logger.lines[0] ?? '',
      /^warning cannot notify systemd: NOTIFY_SOCKET: expected an absolute path, got ".*"/,
    );
  }
});

test('NOTIFY_SOCKET is removed from the environment, and nothing else', () => {
  const environment = { NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '20000000', WATCHDOG_PID: '7', PATH: '/bin' };
  assert.deepEqual(takeServiceEnvironment(environment, 7), { socket: SOCKET, watchdogMs: 20_000 });
  assert.deepEqual(environment, { PATH: '/bin' });
});

test('options of Node.js that the unit sets are not passed on; those of the user are', () => {
  const ours = '--v8-pool-size=1';
  const left = (environment: NodeJS.ProcessEnv) => {
    takeServiceEnvironment(environment, 7);
    return environment;
  };
  assert.deepEqual(left({ NODE_OPTIONS: ours, HOSTP2PD_NODE_OPTIONS: ours, PATH: '/bin' }), { PATH: '/bin' });
  for (const own of [ours, `${ours} --no-warnings`, '--max-old-space-size=64'])
    assert.deepEqual(left({ NODE_OPTIONS: own }), { NODE_OPTIONS: own });
  for (const own of [`${ours} --no-warnings`, '--max-old-space-size=64', ''])
    assert.deepEqual(left({ NODE_OPTIONS: own, HOSTP2PD_NODE_OPTIONS: ours }), { NODE_OPTIONS: own });
  assert.deepEqual(left({ HOSTP2PD_NODE_OPTIONS: ours }), {});
});

test('without NOTIFY_SOCKET nothing is sent, and the session runs', () => {
  for (const environment of [{}, { NOTIFY_SOCKET: '' }, { WATCHDOG_USEC: '1', WATCHDOG_PID: '7' }]) {
    assert.equal(takeServiceEnvironment(environment, 7), null);
    assert.deepEqual(environment, {});
  }
});

test('a watchdog counts if its pid is ours and its interval is valid', () => {
  const cases: readonly (readonly [Record<string, string>, number | null])[] = [
    [{ WATCHDOG_USEC: '1500' }, 1.5],
    [{ WATCHDOG_USEC: '1500', WATCHDOG_PID: '7' }, 1.5],
    // The pid of the launcher.
    [{ WATCHDOG_USEC: '1500', WATCHDOG_PID: '6' }, null],
    [{}, null],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: '-5' }, null],
    [{ WATCHDOG_USEC: 'soon' }, null],
    // USEC_INFINITY
    [{ WATCHDOG_USEC: '18446744073709551615' }, null],
  ];
  for (const [given, watchdogMs] of cases) {
    const environment = { NOTIFY_SOCKET: SOCKET, ...given };
    assert.deepEqual(takeServiceEnvironment(environment, 7), { socket: SOCKET, watchdogMs });
  }
});
