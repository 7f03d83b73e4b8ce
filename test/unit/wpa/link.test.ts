import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { WatchFolder } from '#src/system/folders.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import {
  ControlLink,
  HEARTBEAT_MS,
  type LinkListener,
  QUIET_MS,
  RETRY,
  WATCH_END_MS,
} from '#src/wpa/link.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { DatagramNetwork } from '../../fakes/datagram-network.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { ScriptedSupplicant } from '../../fakes/scripted-supplicant.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const INTERFACE = 'p2p-dev-wlan0';

interface Place {
  /** The control folder that the link is given. */
  readonly folder?: string;
  /** The folder in wpa_supplicant's spelling. */
  readonly spelledByServer?: string;
  /** Whether folders can be watched. */
  readonly watchable?: boolean;
  /** Whether the end of the program is watched. */
  readonly noticesEnd?: boolean;
}

/** A link on a network in memory, with a manual clock and a server that is not started yet. */
function lab(t: TestContext, place: Place = {}) {
  const { folder = '/ctrl', spelledByServer = folder, watchable = true, noticesEnd = false } = place;
  const network = new DatagramNetwork();
  const clock = new ManualClock();
  const logger = new CapturedLog();
  const address = join(folder, INTERFACE);
  const server = new ScriptedSupplicant(network, address, join(spelledByServer, INTERFACE));
  const clients = temporaryFolder(t);
  /** All calls of the listener, in order. */
  const log: string[] = [];
  const watchers = new Set<(entry: string | null) => void>();
  const watch: WatchFolder = (watched, onChange) => {
    assert.equal(watched, folder);
    if (!watchable) return null;
    watchers.add(onChange);
    return { close: () => void watchers.delete(onChange) };
  };
  /** What the listener does in addition, by the call. */
  const reactions = new Map<string, () => void>();
  const tell = (word: string, more = '') => {
    log.push(more === '' ? word : `${word} ${more}`);
    reactions.get(word)?.();
  };
  const listener: LinkListener = {
    up: () => tell('up'),
    down: (error) => tell('down', error.code),
    missed: () => tell('missed'),
    heldBack: () => tell('held back'),
    heartbeat: () => reactions.get('heartbeat')?.(),
    event: (_event, text) => tell('event', text),
    waiting: (error) => tell('waiting', error.code),
  };
  /** What waits for the end of the program behind the socket. */
  const ends = new Set<() => void>();
  const watchEnd = (onEnd: () => void) => {
    ends.add(onEnd);
    return { close: () => void ends.delete(onEnd) };
  };
  /** The control socket is another one if its generation is. */
  const sockets = { generation: 1 };
  const identify = () => String(sockets.generation);
  const parts = {
    ...{ identify, open: network.open, clock, watch, folder: ClientFolder.at(clients), logger },
    ...(noticesEnd ? { watchEnd } : {}),
  };
  const link = new ControlLink(folder, INTERFACE, parts, listener);
  return {
    ends,
    sockets,
    network,
    clock,
    logger,
    server,
    address,
    log,
    link,
    watchers,
    reactions,
    /** Our own sockets that are bound now. */
    clients: () => network.bound.filter((name) => name.startsWith(clients)),
    advance(ms: number): void {
      network.settle();
      clock.advance(ms, () => network.settle());
    },
    /** Returns the calls so far and clears the list. */
    take: () => log.splice(0),
    changed(entry: string | null): void {
      for (const watcher of [...watchers]) watcher(entry);
    },
    /** Opens the link to a running server. */
    attach(): void {
      server.start();
      link.open();
      network.settle();
      assert.deepEqual(log.splice(0), ['up']);
      server.take();
    },
    ask(command: string, then: () => void = () => {}): void {
      link.request(command, (outcome) => {
        log.push(`${command} → ${'reply' in outcome ? outcome.reply.trim() : outcome.error.code}`);
        then();
      });
      network.settle();
    },
  };
}

type Lab = ReturnType<typeof lab>;

function isOver({ clock, clients, watchers, link }: Lab): void {
  assert.deepEqual(clock.waiting, []);
  assert.deepEqual(clients(), []);
  assert.equal(watchers.size, 0);
  assert.equal(link.attached, false);
}

describe('attaching', () => {
  test('uses the monitor socket, and requests use the other one', (t) => {
    const { link, server, network, log, clients, ask } = lab(t);
    server.start();
    link.open();
    assert.equal(link.attached, false);
    network.settle();
    assert.equal(link.attached, true);
    ask('PING');
    assert.deepEqual(log, ['up', 'PING → PONG']);
    const [attach] = server.commands;
    const ping = server.commands.at(-1);
    assert.equal(attach?.command, 'ATTACH');
    assert.match(attach?.from ?? '', /p2p-dev-wlan0\.\d+-\d+\.mon$/);
    assert.equal(ping?.command, 'PING');
    assert.match(ping?.from ?? '', /p2p-dev-wlan0\.\d+-\d+\.cmd$/);
    assert.deepEqual(clients(), [attach?.from, ping?.from].sort());
  });

  test('is tried after 200 ms, then with growing pauses up to 5 s, and reports the reason each time', (t) => {
    const { link, advance, log, clock, reactions } = lab(t);
    const times: number[] = [];
    reactions.set('waiting', () => times.push(clock.now()));
    link.open();
    advance(17_000);
    assert.deepEqual(times, [0, 200, 600, 1_400, 3_000, 6_200, 11_200, 16_200]);
    assert.deepEqual(new Set(log), new Set(['waiting CONTROL_UNAVAILABLE']));
  });

  test('starts again with short pauses after each success', (t) => {
    const { link, advance, take, server, reactions, clock, network } = lab(t);
    link.open();
    advance(20_000);
    server.start();
    advance(5_000);
    assert.equal(take().at(-1), 'up');
    server.emit('CTRL-EVENT-TERMINATING ');
    server.stop();
    network.settle();
    const lost = clock.now();
    const times: number[] = [];
    reactions.set('waiting', () => times.push(clock.now() - lost));
    advance(1_000);
    assert.deepEqual(times, [200, 400, 800]);
  });

  test('reports a denied permission', (t) => {
    const { link, advance, take, server, network, address } = lab(t);
    server.start();
    network.refuse(address, 'EACCES');
    link.open();
    advance(0);
    assert.deepEqual(take(), ['waiting CONTROL_DENIED']);
    network.refuse(address, null);
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
  });

  test('reports that our own socket cannot be created, and continues when it can', (t) => {
    const { link, advance, take, server, network, clients } = lab(t);
    server.start();
    network.refuseBinding('ENOSPC');
    link.open();
    advance(600);
    assert.deepEqual(take(), ['waiting SOCKET_PATH', 'waiting SOCKET_PATH', 'waiting SOCKET_PATH']);
    assert.deepEqual(clients(), []);
    network.refuseBinding(null);
    advance(800);
    assert.deepEqual(take(), ['up']);
  });

  test('is tried again after a refusal', (t) => {
    const { link, advance, take, server, clients } = lab(t);
    server.script = (command) => (command === 'ATTACH' ? 'FAIL\n' : undefined);
    server.start();
    link.open();
    advance(0);
    assert.deepEqual(clients(), []);
    server.script = () => undefined;
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['waiting CONTROL_UNAVAILABLE', 'up']);
  });

  test('without a reply is given up after 10 s and tried again from new addresses', (t) => {
    const { link, advance, take, server, clients } = lab(t);
    server.script = () => null;
    server.start();
    link.open();
    const first = clients();
    assert.equal(first.length, 2);
    advance(10_000);
    assert.deepEqual(take(), ['waiting CONTROL_TIMEOUT']);
    server.script = () => undefined;
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
    assert.ok(clients().every((address) => !first.includes(address)));
    assert.equal(clients().length, 2);
  });

  test('happens once, however often the link is opened', (t) => {
    const { link, advance, take, server, clients } = lab(t);
    link.open();
    advance(150);
    assert.deepEqual(take(), ['waiting CONTROL_UNAVAILABLE']);
    server.script = () => null;
    server.start();
    link.open();
    link.open();
    advance(5_000);
    assert.deepEqual(server.take(), ['ATTACH']);
    assert.equal(clients().length, 2);
    assert.deepEqual(take(), []);
  });
});

describe('the folder watch', () => {
  test('a control socket that appears is tried at once', (t) => {
    const { link, advance, take, server, changed, watchers } = lab(t);
    link.open();
    advance(20_000);
    take();
    server.start();
    changed(INTERFACE);
    advance(0);
    assert.deepEqual(take(), ['up']);
    assert.equal(watchers.size, 1);
  });

  test('a change without a name from the kernel may be the socket', (t) => {
    const { link, advance, take, server, changed } = lab(t);
    link.open();
    advance(20_000);
    take();
    server.start();
    changed(null);
    advance(0);
    assert.deepEqual(take(), ['up']);
  });

  test("another interface's socket does not cause an attempt", (t) => {
    const { link, advance, take, server, changed } = lab(t);
    link.open();
    advance(20_000);
    take();
    server.start();
    changed('wlan0');
    changed('p2p-dev-wlan01');
    advance(0);
    assert.deepEqual(take(), []);
  });

  test('a control socket that disappears while attached is noticed after a quiet moment', (t) => {
    const { attach, advance, take, server, changed } = lab(t);
    attach();
    server.stop();
    changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE']);
  });

  test('a change during an attempt restarts it, because the socket may be new, and cleans up the former one', (t) => {
    const { link, advance, server, changed, clients } = lab(t);
    server.script = () => null;
    server.start();
    link.open();
    changed(INTERFACE);
    advance(100);
    assert.deepEqual(server.take(), ['ATTACH', 'ATTACH']);
    assert.equal(clients().length, 2);
  });

  test('is optional', (t) => {
    const { link, advance, take, server } = lab(t, { watchable: false });
    link.open();
    advance(20_000);
    take();
    server.start();
    advance(5_000);
    assert.deepEqual(take(), ['up']);
  });
});

describe('requests', () => {
  test('without a link fail at once with CONTROL_UNAVAILABLE', (t) => {
    const { link, ask, take, advance } = lab(t);
    ask('PING');
    link.open();
    ask('PING');
    advance(0);
    assert.deepEqual(take(), [
      'PING → CONTROL_UNAVAILABLE',
      'PING → CONTROL_UNAVAILABLE',
      'waiting CONTROL_UNAVAILABLE',
    ]);
  });

  test('of more than 8192 bytes, with control characters, or empty are refused before they are sent', (t) => {
    const { attach, link, log, server, network } = lab(t);
    attach();
    for (const command of ['x'.repeat(8193), 'PING\n', '']) {
      link.request(command, (outcome) => log.push('error' in outcome ? outcome.error.code : outcome.reply));
    }
    network.settle();
    assert.deepEqual(log, ['COMMAND_INVALID', 'COMMAND_INVALID', 'COMMAND_INVALID']);
    assert.deepEqual(server.take(), []);
  });

  test('of 8192 bytes are sent', (t) => {
    const { attach, link, server, network } = lab(t);
    attach();
    link.request('x'.repeat(8192), () => {});
    network.settle();
    assert.equal(server.take()[0]?.length, 8192);
  });

  test('are answered by any text, also by one that looks like an event', (t) => {
    const { server, attach, ask, take } = lab(t);
    attach();
    server.script = (command) => (command === 'P2P_GET_PASSPHRASE' ? '<3>AP-ENABLED ' : undefined);
    ask('P2P_GET_PASSPHRASE');
    assert.deepEqual(take(), ['P2P_GET_PASSPHRASE → <3>AP-ENABLED']);
  });

  test('that fail do not call back before they return', (t) => {
    const { attach, link, log, network, address, advance } = lab(t);
    attach();
    network.refuse(address, 'ECONNREFUSED');
    link.request('STATUS', (outcome) => log.push('error' in outcome ? outcome.error.code : outcome.reply));
    assert.deepEqual(log, []);
    advance(0);
    assert.deepEqual(log, ['CONTROL_UNAVAILABLE', 'down CONTROL_UNAVAILABLE']);
  });

  test('without a reply close the link, which attaches again from new addresses', (t) => {
    const { attach, ask, server, clients, advance, take } = lab(t);
    attach();
    const first = clients();
    server.script = (command) => (command === 'STATUS' ? null : undefined);
    ask('STATUS');
    ask('PING');
    advance(9_999);
    assert.deepEqual(take(), []);
    advance(1);
    assert.deepEqual(take(), ['STATUS → CONTROL_TIMEOUT', 'PING → CONTROL_TIMEOUT', 'down CONTROL_TIMEOUT']);
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
    assert.ok(clients().every((address) => !first.includes(address)));
  });

  test('that are pending when wpa_supplicant ends fail with the reason of the loss', (t) => {
    const { attach, ask, server, take, network } = lab(t);
    attach();
    server.script = () => null;
    ask('STATUS');
    server.emit('CTRL-EVENT-TERMINATING ');
    network.settle();
    assert.deepEqual(take(), [
      'event CTRL-EVENT-TERMINATING ',
      'STATUS → CONTROL_UNAVAILABLE',
      'down CONTROL_UNAVAILABLE',
    ]);
  });

  test('made from within up, event, missed and replies work', (t) => {
    const { link, server, network, log, reactions, ask, advance } = lab(t);
    server.start();
    for (const word of ['up', 'event', 'missed'])
      reactions.set(word, () => link.request(`PING`, () => log.push(`${word} PONG`)));
    link.open();
    network.settle();
    server.emit('AP-ENABLED ');
    network.settle();
    server.monitors.clear();
    advance(HEARTBEAT_MS);
    ask('PING', () => ask('PING'));
    assert.deepEqual(log, [
      'up',
      'up PONG',
      'event AP-ENABLED ',
      'event PONG',
      'missed',
      'missed PONG',
      'PING → PONG',
      'PING → PONG',
    ]);
  });
});

describe('the heartbeat', () => {
  test('proves the attachment and the command socket every 10 s', (t) => {
    const { attach, server, advance, clock, take, clients, reactions } = lab(t);
    let told = 0;
    reactions.set('heartbeat', () => told++);
    attach();
    advance(HEARTBEAT_MS - 1);
    assert.deepEqual(server.take(), []);
    for (let i = 0; i < 3; i++) {
      assert.equal(told, i);
      advance(i === 0 ? 1 : HEARTBEAT_MS);
      const [cmd, mon] = clients();
      assert.deepEqual(server.commands.splice(0), [
        { command: 'PING', from: cmd },
        { command: 'LEVEL 2', from: mon },
        { command: `GET hostp2pd-${i + 2}`, from: mon },
        { command: 'LEVEL 3', from: mon },
      ]);
    }
    assert.equal(told, 3);
    assert.deepEqual(clock.waiting, [HEARTBEAT_MS]);
    assert.deepEqual(take(), []);
  });

  test('finds that we were detached, attaches again and reports missed events', (t) => {
    const { attach, server, advance, take, logger, link, network } = lab(t);
    attach();
    server.monitors.clear();
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['missed']);
    assert.deepEqual(server.take(), ['PING', 'LEVEL 2', 'ATTACH', 'LEVEL 2', 'GET hostp2pd-2', 'LEVEL 3']);
    assert.equal(link.attached, true);
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0] ?? '', /^warning .*detached/);
    server.emit('AP-ENABLED ');
    network.settle();
    assert.deepEqual(take(), ['event AP-ENABLED ']);
    advance(HEARTBEAT_MS);
    assert.deepEqual(server.take(), ['PING', 'LEVEL 3'], 'the event has proved that events arrive');
  });

  test('that is due while another one runs begins when that one has ended', (t) => {
    const { attach, server, advance, changed, take, network, clients } = lab(t);
    attach();
    server.script = (command) => (command.startsWith('GET ') ? null : undefined);
    advance(HEARTBEAT_MS);
    changed(INTERFACE);
    advance(QUIET_MS);
    changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(server.take(), ['PING', 'LEVEL 2', 'GET hostp2pd-2', 'PING', 'PING']);
    server.script = () => undefined;
    const [, monitor = ''] = clients();
    server.say('UNKNOWN COMMAND\n', monitor);
    network.settle();
    const second = ['LEVEL 2', 'GET hostp2pd-3', 'LEVEL 3'];
    assert.deepEqual(server.take(), ['LEVEL 3', ...second], 'one more, although two were due');
    assert.deepEqual(take(), []);
  });

  test('closes the link if attaching again is refused', (t) => {
    const { attach, server, advance, take } = lab(t);
    attach();
    server.monitors.clear();
    server.script = (command) => (command === 'ATTACH' ? 'FAIL\n' : undefined);
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE']);
    server.script = () => undefined;
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
  });

  test('closes the link without a reply', (t) => {
    const { attach, server, advance, take, clients } = lab(t);
    attach();
    const first = clients();
    server.script = () => null;
    advance(2 * HEARTBEAT_MS - 1);
    assert.deepEqual(take(), []);
    advance(1);
    assert.deepEqual(take(), ['down CONTROL_TIMEOUT']);
    server.script = () => undefined;
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
    assert.ok(clients().every((address) => !first.includes(address)));
  });

  for (const errno of ['ENOENT', 'ECONNREFUSED']) {
    test(`closes the link once if the socket fails with ${errno}`, (t) => {
      const { attach, network, address, advance, take } = lab(t);
      attach();
      network.refuse(address, errno);
      advance(HEARTBEAT_MS);
      assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE']);
      network.refuse(address, null);
      advance(RETRY.firstMs);
      assert.deepEqual(take(), ['up']);
    });
  }
});

describe('events that wpa_supplicant holds back', () => {
  /** A link with one successful heartbeat, after which no events arrive. */
  function heldBack(t: TestContext) {
    const all = lab(t);
    all.attach();
    all.advance(HEARTBEAT_MS);
    all.server.throttled = true;
    all.advance(HEARTBEAT_MS);
    assert.deepEqual(all.take(), ['held back']);
    assert.equal(all.link.heldBack, true);
    return all;
  }

  /** A link that has never received an event. */
  function heldBackFromStart(t: TestContext) {
    const all = lab(t);
    all.server.throttled = true;
    all.server.start();
    all.link.open();
    all.network.settle();
    return all;
  }

  test('are noticed at the next heartbeat, and reported at each one', (t) => {
    const { advance, take, link } = heldBack(t);
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['held back']);
    assert.equal(link.attached, true, 'requests are still answered');
  });

  test('are noticed within two heartbeats if an event came just before', (t) => {
    const { attach, server, advance, take } = lab(t);
    attach();
    advance(HEARTBEAT_MS);
    server.emit('AP-ENABLED ');
    advance(1);
    server.throttled = true;
    advance(HEARTBEAT_MS - 1);
    assert.deepEqual(take(), ['event AP-ENABLED ']);
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['held back']);
  });

  test('are dropped when they arrive late, and "missed" is reported once', (t) => {
    const { server, advance, take, link, network } = heldBack(t);
    for (let n = 0; n < 5; n++) server.emit('P2P-PROV-DISC-PBC-REQ 42:00:00:00:01:00');
    server.release();
    network.settle();
    assert.deepEqual(take(), []);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['missed']);
    assert.equal(link.heldBack, false);
    server.emit('AP-ENABLED ');
    advance(2 * HEARTBEAT_MS);
    assert.deepEqual(take(), ['event AP-ENABLED ']);
  });

  test('detached during their delivery: attached again, and "missed" is reported once', (t) => {
    const { server, advance, take, changed } = heldBack(t);
    server.release();
    server.monitors.clear();
    // wpa_supplicant re-creates its socket for each event that it could not send.
    for (let n = 0; n < 33; n++) changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['missed']);
    assert.deepEqual(
      server.take().filter((command) => command === 'ATTACH'),
      ['ATTACH'],
    );
  });

  test('CTRL-EVENT-TERMINATING among them is obeyed', (t) => {
    const { server, network, take } = heldBack(t);
    server.throttled = false;
    server.emit('CTRL-EVENT-TERMINATING ');
    network.settle();
    assert.deepEqual(take(), ['event CTRL-EVENT-TERMINATING ', 'down CONTROL_UNAVAILABLE']);
  });

  test('a late echo does not count as proof', (t) => {
    const { server, advance, take } = heldBack(t);
    server.script = (command) => {
      if (command === 'LEVEL 2') {
        server.release();
        server.throttled = true;
      }
      return undefined;
    };
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['held back']);
  });

  test('are noticed also from the start on', (t) => {
    const { server, advance, take } = heldBackFromStart(t);
    assert.deepEqual(take(), ['up', 'held back']);
    server.emit('P2P-PROV-DISC-PBC-REQ 42:00:00:00:01:00');
    server.release();
    advance(QUIET_MS);
    assert.deepEqual(take(), ['missed']);
  });

  test('held back from the start on, and released after the probe of a heartbeat: old ones are dropped', (t) => {
    const { server, advance, take } = heldBackFromStart(t);
    server.emit('P2P-GROUP-REMOVED p2p-wlan0-0 GO reason=UNAVAILABLE');
    take();
    server.script = (command) => {
      if (command === 'LEVEL 3') server.release();
      return undefined;
    };
    advance(HEARTBEAT_MS);
    server.script = () => undefined;
    advance(QUIET_MS);
    assert.deepEqual(
      take().filter((line) => line !== 'held back'),
      ['missed'],
    );
    server.emit('AP-ENABLED ');
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['event AP-ENABLED ']);
  });

  test('a wpa_supplicant without debug messages: any event is proof, and none is lost', (t) => {
    const { link, server, advance, take, network } = lab(t);
    server.debugMessages = false;
    server.start();
    link.open();
    network.settle();
    assert.deepEqual(take(), ['up', 'held back']);
    for (const text of ['AP-ENABLED ', 'WPS-PBC-ACTIVE ']) server.emit(text);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['event AP-ENABLED ', 'event WPS-PBC-ACTIVE ', 'missed']);
    server.emit('AP-DISABLED ');
    network.settle();
    assert.deepEqual(take(), ['event AP-DISABLED ']);
    server.monitors.clear();
    advance(2 * HEARTBEAT_MS);
    assert.deepEqual(take(), ['missed'], 'a detachment is still noticed');
  });

  test('a wpa_supplicant without debug messages may replace one with them', (t) => {
    const { attach, server, advance, take, network } = lab(t);
    attach();
    server.emit('CTRL-EVENT-TERMINATING ');
    network.settle();
    server.debugMessages = false;
    advance(RETRY.firstMs);
    server.emit('AP-ENABLED ');
    advance(QUIET_MS);
    assert.deepEqual(take().slice(-2), ['event AP-ENABLED ', 'missed']);
    advance(3 * HEARTBEAT_MS);
    assert.deepEqual(take(), []);
  });

  test('a listener may close the link at an event of a wpa_supplicant without debug messages', (t) => {
    const { link, server, advance, take, network, reactions } = lab(t);
    server.debugMessages = false;
    server.start();
    link.open();
    network.settle();
    take();
    reactions.set('event', () => link.close());
    for (const text of ['AP-ENABLED ', 'AP-DISABLED ']) server.emit(text);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['event AP-ENABLED ']);
  });
});

describe('a program that does not know LEVEL', () => {
  for (const refusal of ['UNKNOWN COMMAND\n', 'FAIL\n', '']) {
    test(`with the answer ${JSON.stringify(refusal)}: attached, and events arrive from the first one on`, (t) => {
      const { link, server, advance, take, network } = lab(t);
      server.script = (command) => (command.startsWith('LEVEL') ? refusal : undefined);
      server.start();
      link.open();
      network.settle();
      assert.deepEqual(take(), ['up']);
      server.take();
      server.emit('AP-ENABLED ');
      network.settle();
      advance(3 * HEARTBEAT_MS);
      assert.deepEqual(take(), ['event AP-ENABLED ']);
      const asked = server.take().filter((command) => command !== 'PING');
      assert.deepEqual(asked, ['ATTACH', 'ATTACH', 'ATTACH'], 'each heartbeat attaches again');
    });
  }

  test('one that is started again is noticed', (t) => {
    const { link, server, advance, take, network, sockets } = lab(t);
    server.script = (command) => (command.startsWith('LEVEL') ? 'FAIL\n' : undefined);
    server.start();
    link.open();
    network.settle();
    assert.deepEqual(take(), ['up']);
    server.stop();
    sockets.generation++;
    server.start();
    advance(HEARTBEAT_MS + RETRY.firstMs);
    assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE', 'up']);
  });

  test('one that has known it before has detached us', (t) => {
    const { attach, server, advance, take } = lab(t);
    attach();
    server.monitors.clear();
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['missed']);
    assert.ok(server.take().includes('LEVEL 2'));
  });
});

describe('the end of wpa_supplicant', () => {
  test('TERMINATING closes the link; it attaches again from new addresses', (t) => {
    const { attach, server, take, network, advance, clients, link } = lab(t);
    attach();
    const first = clients();
    server.emit('CTRL-EVENT-TERMINATING ');
    network.settle();
    assert.deepEqual(take(), ['event CTRL-EVENT-TERMINATING ', 'down CONTROL_UNAVAILABLE']);
    assert.equal(link.attached, false);
    assert.deepEqual(clients(), []);
    server.stop();
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['waiting CONTROL_UNAVAILABLE']);
    server.start();
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
    assert.equal(clients().length, 2);
    assert.ok(clients().every((address) => !first.includes(address)));
    assert.deepEqual(
      new Set(server.monitors),
      new Set(clients().filter((address) => address.endsWith('.mon'))),
    );
  });

  test('events after TERMINATING are not delivered', (t) => {
    const { attach, server, take, network } = lab(t);
    attach();
    server.emit('CTRL-EVENT-TERMINATING ');
    server.emit('AP-DISABLED ');
    network.settle();
    assert.deepEqual(take(), ['event CTRL-EVENT-TERMINATING ', 'down CONTROL_UNAVAILABLE']);
  });

  test('a restart between two heartbeats is noticed at the next one', (t) => {
    const { attach, server, take, advance } = lab(t);
    attach();
    server.stop();
    server.start();
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['missed']);
  });

  test('a restart is a loss of the link: a request to the former program is not waited for', (t) => {
    const { attach, server, take, advance, ask, changed, sockets } = lab(t);
    attach();
    server.script = (command) => (command === 'INTERFACES' ? null : undefined);
    ask('INTERFACES');
    server.stop();
    server.start();
    sockets.generation++;
    changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['INTERFACES → CONTROL_UNAVAILABLE', 'down CONTROL_UNAVAILABLE']);
    assert.equal(server.take().at(-1), 'DETACH');
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
  });

  test('a heartbeat that the former program has not answered is not waited for', (t) => {
    const { attach, server, take, advance, changed, sockets } = lab(t);
    attach();
    server.script = () => null;
    advance(HEARTBEAT_MS);
    server.stop();
    server.script = () => undefined;
    server.start();
    sockets.generation++;
    advance(1);
    changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE']);
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
  });

  test('a request to the control socket that was made again is waited for', (t) => {
    const { attach, server, take, advance, ask, changed, sockets } = lab(t);
    attach();
    sockets.generation++;
    changed(INTERFACE);
    server.script = (command) => (command === 'INTERFACES' ? null : undefined);
    ask('INTERFACES');
    advance(QUIET_MS);
    assert.deepEqual(take(), []);
  });

  test('a control socket that the same program has made again is no restart', (t) => {
    const { attach, take, advance, changed, sockets } = lab(t);
    attach();
    sockets.generation++;
    changed(INTERFACE);
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), []);
  });

  test('a control socket that was made again after events had been held back is no restart', (t) => {
    const { attach, server, take, advance, changed, sockets } = lab(t);
    attach();
    server.throttled = true;
    advance(HEARTBEAT_MS);
    assert.deepEqual(take(), ['held back']);
    server.monitors.clear();
    server.release();
    sockets.generation++;
    changed(INTERFACE);
    advance(QUIET_MS);
    assert.deepEqual(take(), ['missed']);
  });

  test('a crash is noticed at once where the end of the program is watched', (t) => {
    const { attach, server, take, advance, ends } = lab(t, { watchable: false, noticesEnd: true });
    attach();
    assert.equal(ends.size, 0);
    advance(WATCH_END_MS);
    assert.equal(ends.size, 1);
    server.stop();
    for (const onEnd of [...ends]) onEnd();
    advance(0);
    assert.deepEqual(take(), ['down CONTROL_UNAVAILABLE']);
    assert.equal(ends.size, 0);
    server.start();
    advance(RETRY.firstMs);
    advance(WATCH_END_MS);
    assert.deepEqual(take(), ['up']);
    assert.equal(ends.size, 1);
  });

  test('a false alarm changes nothing', (t) => {
    const { attach, take, advance, ends, link } = lab(t, { noticesEnd: true });
    attach();
    advance(WATCH_END_MS);
    for (const onEnd of [...ends]) onEnd();
    advance(HEARTBEAT_MS);
    assert.deepEqual([take(), link.attached, ends.size], [[], true, 1]);
  });

  test('close ends the watch, also before it has begun', (t) => {
    for (const ms of [0, WATCH_END_MS]) {
      const all = lab(t, { noticesEnd: true });
      all.attach();
      all.advance(ms);
      all.link.close();
      all.network.settle();
      assert.equal(all.ends.size, 0);
      isOver(all);
    }
  });

  test('open called when the link goes down makes one attempt, not two', (t) => {
    const { attach, server, take, advance, network, link, reactions, clients } = lab(t);
    attach();
    server.script = (command) => (command === 'ATTACH' ? null : undefined);
    reactions.set('down', () => link.open());
    server.emit('CTRL-EVENT-TERMINATING ');
    network.settle();
    advance(1_000);
    assert.deepEqual(take(), ['event CTRL-EVENT-TERMINATING ', 'down CONTROL_UNAVAILABLE']);
    assert.deepEqual(server.take(), ['ATTACH']);
    assert.equal(clients().length, 2);
  });
});

describe('the sender of a datagram', () => {
  test('a foreign event is ignored, and logged once', (t) => {
    const { attach, network, clients, take, logger } = lab(t);
    attach();
    const [, monitor = ''] = clients();
    for (let i = 0; i < 3; i++) {
      for (const from of ['/ctrl/wlan0', '/tmp/p2p-dev-wlan0', null]) {
        network.inject('<3>CTRL-EVENT-TERMINATING ', monitor, from);
      }
    }
    network.settle();
    assert.deepEqual(take(), []);
    assert.deepEqual(logger.lines, [
      'warning ignored a datagram from /ctrl/wlan0: expected one from /ctrl/p2p-dev-wlan0',
      'warning ignored a datagram from /tmp/p2p-dev-wlan0: expected one from /ctrl/p2p-dev-wlan0',
      'warning ignored a datagram from an unnamed socket: expected one from /ctrl/p2p-dev-wlan0',
    ]);
  });

  test('a foreign reply does not answer a request', (t) => {
    const { attach, network, clients, take, server, ask } = lab(t);
    attach();
    server.script = (command) => (command === 'STATUS' ? null : undefined);
    ask('STATUS');
    const [command = ''] = clients();
    network.inject('forged', command, '/ctrl/wlan0');
    network.settle();
    assert.deepEqual(take(), []);
    server.say('wpa_state=COMPLETED\n', command);
    network.settle();
    assert.deepEqual(take(), ['STATUS → wpa_state=COMPLETED']);
  });

  test('many foreign senders do not fill the log', (t) => {
    const { attach, network, clients, logger } = lab(t);
    attach();
    const [, monitor = ''] = clients();
    for (let i = 0; i < 500; i++) network.inject('<3>x', monitor, `/tmp/${i}`);
    network.settle();
    assert.equal(logger.lines.length, 64);
  });

  test('another spelling of the same folder, such as /var/run for /run, is trusted', (t) => {
    const base = temporaryFolder(t);
    mkdirSync(join(base, 'run', 'wpa_supplicant'), { recursive: true });
    symlinkSync(join(base, 'run'), join(base, 'var-run'));
    const spellings = [join(base, 'run', 'wpa_supplicant'), join(base, 'var-run', 'wpa_supplicant')] as const;
    for (const [folder, spelledByServer] of [spellings, [...spellings].reverse()]) {
      assert.ok(folder && spelledByServer);
      const { attach, server, take, network, logger } = lab(t, { folder, spelledByServer });
      attach();
      server.emit('AP-ENABLED ');
      network.settle();
      assert.deepEqual(take(), ['event AP-ENABLED ']);
      assert.deepEqual(logger.lines, []);
    }
  });

  test('a socket of the same name in another folder is not trusted', (t) => {
    const base = temporaryFolder(t);
    for (const name of ['a', 'b']) mkdirSync(join(base, name));
    const { link, server, network, advance, take } = lab(t, {
      folder: join(base, 'a'),
      spelledByServer: join(base, 'b'),
    });
    server.start();
    link.open();
    network.settle();
    advance(10_000);
    assert.deepEqual(take(), ['waiting CONTROL_TIMEOUT']);
  });

  test('a spelling seen while the folder does not exist is checked again when the folder is back', (t) => {
    const base = temporaryFolder(t);
    const run = join(base, 'run', 'wpa_supplicant');
    symlinkSync(join(base, 'run'), join(base, 'var-run'));
    const place = { folder: join(base, 'var-run', 'wpa_supplicant'), spelledByServer: run };
    const { link, server, network, advance, take } = lab(t, place);
    server.start();
    link.open();
    network.settle();
    advance(10_000);
    assert.deepEqual(take(), ['waiting CONTROL_TIMEOUT']);
    mkdirSync(run, { recursive: true });
    advance(RETRY.firstMs);
    assert.deepEqual(take(), ['up']);
  });
});

describe('close', () => {
  test('sends DETACH from the monitor socket, removes both sockets and leaves no timer', (t) => {
    const place = lab(t);
    place.attach();
    const [, monitor] = place.clients();
    place.link.close();
    place.network.settle();
    assert.deepEqual(place.server.commands, [{ command: 'DETACH', from: monitor }]);
    assert.deepEqual(place.server.monitors, new Set());
    isOver(place);
  });

  test('ends pending requests with CONTROL_CLOSED and calls nothing afterwards', (t) => {
    const place = lab(t);
    place.attach();
    place.server.script = () => null;
    place.ask('A');
    place.ask('B');
    place.link.close();
    assert.deepEqual(place.take(), ['A → CONTROL_CLOSED', 'B → CONTROL_CLOSED']);
    place.link.close();
    place.link.open();
    place.changed(INTERFACE);
    place.network.settle();
    place.advance(60_000);
    assert.deepEqual(place.take(), []);
    isOver(place);
    place.ask('C');
    assert.deepEqual(place.take(), ['C → CONTROL_UNAVAILABLE']);
  });

  test('before the link was opened', (t) => {
    const place = lab(t);
    place.link.close();
    place.link.open();
    place.advance(60_000);
    assert.deepEqual(place.take(), []);
    isOver(place);
  });

  test('while it waits', (t) => {
    const place = lab(t);
    place.link.open();
    place.advance(1_000);
    place.take();
    place.link.close();
    place.server.start();
    place.advance(60_000);
    assert.deepEqual(place.take(), []);
    isOver(place);
  });

  test('while it attaches', (t) => {
    const place = lab(t);
    place.server.start();
    place.link.open();
    place.link.close();
    place.network.settle();
    place.advance(60_000);
    assert.deepEqual(place.take(), []);
    isOver(place);
  });

  test('when the server is gone', (t) => {
    const place = lab(t);
    place.attach();
    place.network.refuse(place.address, 'ECONNREFUSED');
    place.link.close();
    place.advance(60_000);
    assert.deepEqual(place.take(), []);
    isOver(place);
  });

  /** Ways to cause each call of the listener, which then closes the link. */
  const CALLS: Readonly<Record<string, (place: Lab) => void>> = {
    waiting: ({ link }) => link.open(),
    up: ({ link, server }) => {
      server.start();
      link.open();
    },
    event: ({ attach, server }) => {
      attach();
      server.emit('AP-ENABLED ');
      server.emit('AP-DISABLED ');
    },
    missed: ({ attach, server, advance }) => {
      attach();
      server.monitors.clear();
      advance(HEARTBEAT_MS);
    },
    down: ({ attach, network, address, advance }) => {
      attach();
      network.refuse(address, 'ENOENT');
      advance(HEARTBEAT_MS);
    },
  };
  for (const [word, bring] of Object.entries(CALLS)) {
    test(`from within ${word}: nothing is called afterwards`, (t) => {
      const place = lab(t);
      place.reactions.set(word, () => place.link.close());
      bring({
        ...place,
        attach: () => {
          place.server.start();
          place.link.open();
          place.network.settle();
          place.take();
        },
      });
      place.network.settle();
      place.advance(60_000);
      const told = place.take();
      assert.equal(told.length, 1);
      assert.ok(told[0]?.startsWith(word));
      isOver(place);
    });
  }

  test('from within TERMINATING: the link does not go down after it was closed', (t) => {
    const place = lab(t);
    place.attach();
    place.reactions.set('event', () => place.link.close());
    place.server.emit('CTRL-EVENT-TERMINATING ');
    place.network.settle();
    place.advance(60_000);
    assert.deepEqual(place.take(), ['event CTRL-EVENT-TERMINATING ']);
    isOver(place);
  });

  test('from within a request that failed: the link does not go down after it was closed', (t) => {
    const place = lab(t);
    place.attach();
    place.server.script = () => null;
    place.ask('STATUS', () => place.link.close());
    place.server.emit('CTRL-EVENT-TERMINATING ');
    place.network.settle();
    place.advance(60_000);
    assert.deepEqual(place.take(), ['event CTRL-EVENT-TERMINATING ', 'STATUS → CONTROL_UNAVAILABLE']);
    isOver(place);
  });

  test('from within a reply', (t) => {
    const place = lab(t);
    place.attach();
    place.ask('PING', () => place.link.close());
    place.advance(60_000);
    assert.deepEqual(place.take(), ['PING → PONG']);
    isOver(place);
  });
});
