import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { validate } from '#src/config/validate.js';
import { ANSWER_LIMIT_MS } from '#src/host/ask-control.js';
import { InterfaceSearch } from '#src/host/interface-search.js';
import type { SessionEvent } from '#src/host/public-event.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { RETRY } from '#src/wpa/link.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { DatagramNetwork } from '../../fakes/datagram-network.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { ScriptedSupplicant } from '../../fakes/scripted-supplicant.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ADDRESS = '42:00:00:00:00:00';
const OTHER = '42:00:00:00:01:00';

/** A reply to STATUS as wpa_supplicant 2.10 gives it; without a device address for an interface without P2P. */
function status(deviceAddress: string | null, own = deviceAddress ?? '02:00:00:00:00:00'): string {
  const line = deviceAddress === null ? '' : `p2p_device_address=${deviceAddress}\n`;
  return `wpa_state=DISCONNECTED\n${line}address=${own}\n`;
}

/** A control folder of real files, whose sockets are on a network in memory, and a search that has not begun. */
function lab(t: TestContext, wanted = 'auto', spelledByServer?: string) {
  const network = new DatagramNetwork();
  const clock = new ManualClock();
  const logger = new CapturedLog();
  const folder = join(temporaryFolder(t), 'ctrl');
  mkdirSync(folder);
  const clients = temporaryFolder(t);
  const watchers = new Set<(entry: string | null) => void>();
  const found: string[] = [];
  const events: SessionEvent[] = [];
  const { settings } = validate({ interface: wanted, ctrl_interface: folder });
  const search: InterfaceSearch = new InterfaceSearch(settings, {
    open: network.open,
    clock,
    watch: (watched, onChange) => {
      assert.equal(watched, folder);
      watchers.add(onChange);
      return { close: () => void watchers.delete(onChange) };
    },
    folder: ClientFolder.at(clients),
    logger,
    found: (name) => found.push(name),
    emit: (event) => {
      events.push(event);
      reactions.get(event.type)?.();
    },
  });
  const reactions = new Map<string, () => void>();
  return {
    network,
    clock,
    logger,
    folder,
    search,
    found,
    events,
    reactions,
    /** A socket file that no process serves. */
    leave: (name: string) => writeFileSync(join(folder, name), ''),
    /** An interface with this reply to STATUS; null: no reply. */
    serve(name: string, reply: string | null): ScriptedSupplicant {
      writeFileSync(join(folder, name), '');
      const path = join(folder, name);
      const own = new ScriptedSupplicant(network, path, join(spelledByServer ?? folder, name)).start();
      own.script = () => reply;
      return own;
    },
    /** Our own sockets that are bound now. */
    clients: () => network.bound.filter((name) => name.startsWith(clients)),
    changed(): void {
      for (const watcher of [...watchers]) watcher(null);
    },
    advance: (ms: number) => clock.advance(ms, () => network.settle()),
    start(): void {
      search.start();
      network.settle();
    },
    /** The search has ended and has released everything. */
    ended(...names: readonly string[]): void {
      assert.deepEqual(found, names);
      assert.deepEqual(this.clients(), []);
      assert.deepEqual(clock.waiting, []);
      assert.equal(watchers.size, 0);
    },
  };
}

test('a configured interface is taken without a search', (t) => {
  const l = lab(t, 'p2p-dev-wlan7');
  l.start();
  l.ended('p2p-dev-wlan7');
  assert.deepEqual(l.network.sent, []);
});

test('a served P2P device interface is taken at once, without a request', (t) => {
  const l = lab(t);
  const wlan0 = l.serve('wlan0', status(ADDRESS));
  for (const name of ['p2p-dev-wlan1', 'p2p-dev-wlan0']) {
    const socket = openUnixDatagram(join(l.folder, name), () => {});
    t.after(() => socket.close());
  }
  l.search.start();
  l.ended('p2p-dev-wlan0');
  assert.deepEqual(wlan0.take(), []);
  assert.deepEqual(l.logger.lines, [
    'info interface p2p-dev-wlan0 found (there are also: p2p-dev-wlan1; see -i)',
  ]);
});

test('the reason for waiting is logged once, although the number of an interface in it changes', (t) => {
  const l = lab(t);
  for (const n of [1, 2, 3]) {
    l.leave(`p2p-wlan1-${n}`);
    if (n === 1) l.start();
    else l.advance(RETRY.longestMs);
    rmSync(join(l.folder, `p2p-wlan1-${n}`));
  }
  assert.equal(l.logger.lines.length, 1, l.logger.lines.join('\n'));
  assert.match(l.logger.lines[0] ?? '', /p2p-wlan1-1/);
  l.leave('p2p-dev-other');
  l.advance(RETRY.longestMs);
  assert.equal(l.logger.lines.length, 2, 'another reason is logged again');
  l.search.close();
});

describe('without a P2P device interface', () => {
  test('the first interface with Wi-Fi Direct is taken, and the others are named', (t) => {
    const l = lab(t);
    const served = ['wlan0', 'wlan1', 'lo'].map((name) =>
      l.serve(name, status({ wlan0: ADDRESS, wlan1: OTHER }[name] ?? null)),
    );
    l.start();
    l.ended('wlan0');
    assert.deepEqual(
      served.map((one) => one.take()),
      [['STATUS'], ['STATUS'], ['STATUS']],
    );
    assert.deepEqual(l.logger.lines, [
      'info interface wlan0 found; it has no P2P device interface of its own, so Wi-Fi Direct events come on it ' +
        '(there are also: wlan1; see -i)',
    ]);
    assert.deepEqual(l.events, []);
  });

  test('of several interfaces of one wpa_supplicant the one with the device address is taken', (t) => {
    const l = lab(t);
    l.serve('eth0', status(ADDRESS, '02:00:00:00:00:09'));
    l.serve('wlan0', status(ADDRESS));
    l.start();
    l.ended('wlan0');
    assert.doesNotMatch(l.logger.lines.join('\n'), /eth0/);
  });

  test('group interfaces are not asked', (t) => {
    const l = lab(t);
    const group = l.serve('p2p-wlan0-0', status(ADDRESS));
    l.start();
    assert.deepEqual(l.found, []);
    assert.deepEqual(group.take(), []);
    assert.match(l.logger.lines.join('\n'), /\(p2p-wlan0-0 belongs to a group\)/);
    l.search.close();
  });

  test('an interface that does not answer delays the others by two seconds, and its late reply is ignored', (t) => {
    const l = lab(t);
    const hanging = l.serve('wlan0', null);
    l.serve('wlan1', status(ADDRESS));
    l.start();
    assert.equal(l.clients().length, 1);
    l.advance(ANSWER_LIMIT_MS - 1);
    assert.deepEqual(l.found, []);
    l.advance(1);
    l.ended('wlan1');
    const [asked] = hanging.commands;
    assert.ok(asked);
    assert.throws(() => l.network.inject(status(ADDRESS), asked.from, join(l.folder, 'wlan0')), /ENOENT/);
  });

  test('a P2P device that does not answer: its radio is not taken in its place, until it does', (t) => {
    const l = lab(t);
    l.serve('p2p-dev-wlan0', null);
    l.serve('wlan0', status(ADDRESS));
    l.start();
    l.advance(ANSWER_LIMIT_MS);
    assert.deepEqual(l.found, []);
    assert.match(l.logger.lines.join('\n'), /p2p-dev-wlan0: no reply within 2 s/);
    l.serve('p2p-dev-wlan0', status(ADDRESS));
    l.advance(RETRY.longestMs + ANSWER_LIMIT_MS);
    l.ended('p2p-dev-wlan0');
  });

  test('a reply from another socket is ignored', (t) => {
    const l = lab(t, 'auto', '/elsewhere');
    l.serve('wlan0', status(ADDRESS));
    l.start();
    l.advance(ANSWER_LIMIT_MS);
    assert.deepEqual(l.found, []);
    assert.match(l.logger.lines.join('\n'), /wlan0: no reply within 2 s/);
    l.search.close();
  });

  test('a reply from another spelling of the folder is accepted', (t) => {
    const other = join(temporaryFolder(t), 'run');
    const l = lab(t, 'auto', other);
    symlinkSync(l.folder, other);
    l.serve('wlan0', status(ADDRESS));
    l.start();
    l.ended('wlan0');
  });

  test('a stale socket is skipped, also that of a P2P device', (t) => {
    const l = lab(t);
    for (const name of ['lan0', 'p2p-dev-wlan0']) l.leave(name);
    l.serve('wlan0', status(ADDRESS));
    l.start();
    assert.deepEqual(l.found, []);
    // A failed send is reported one turn later.
    l.advance(0);
    l.ended('wlan0');
  });
});

test('an interface that disappeared after its reply is not taken', (t) => {
  const l = lab(t);
  l.serve('wlan0', status(ADDRESS));
  l.serve('wlan1', null);
  l.start();
  rmSync(join(l.folder, 'wlan0'));
  l.advance(ANSWER_LIMIT_MS);
  assert.deepEqual(l.found, []);
  assert.match(l.logger.lines.join('\n'), /\(\S*wlan1: no reply within 2 s\)/);
  l.search.close();
});

describe('a P2P device interface that appears during the requests to others', () => {
  test('is preferred', (t) => {
    const l = lab(t);
    l.serve('wlan0', status(ADDRESS));
    l.search.start();
    const socket = openUnixDatagram(join(l.folder, 'p2p-dev-wlan0'), () => {});
    t.after(() => socket.close());
    l.network.settle();
    l.ended('p2p-dev-wlan0');
  });

  test('is preferred also if its stale socket file existed before', (t) => {
    const l = lab(t);
    l.leave('p2p-dev-wlan0');
    l.serve('wlan0', status(ADDRESS));
    l.search.start();
    const socket = openUnixDatagram(join(l.folder, 'p2p-dev-wlan0'), () => {});
    t.after(() => socket.close());
    l.advance(0);
    l.ended('p2p-dev-wlan0');
  });

  test('is taken as soon as the folder changes, although another interface does not answer yet', (t) => {
    const l = lab(t);
    l.serve('wlan0', null);
    l.start();
    const socket = openUnixDatagram(join(l.folder, 'p2p-dev-wlan0'), () => {});
    t.after(() => socket.close());
    l.changed();
    l.ended('p2p-dev-wlan0');
  });

  test("is asked if the kernel's list does not show that it is served", (t) => {
    const l = lab(t);
    // Some drivers give both the same address.
    l.serve('lan0', status(ADDRESS));
    l.search.start();
    const device = l.serve('p2p-dev-wlan0', status(ADDRESS));
    l.network.settle();
    l.ended('p2p-dev-wlan0');
    assert.deepEqual(device.take(), ['STATUS']);
  });
});

describe('no usable interface', () => {
  test('logs once what was found, and takes an interface that appears later', (t) => {
    const l = lab(t);
    const wlan0 = l.serve('wlan0', status(null));
    l.start();
    for (let i = 0; i < 4; i++) l.advance(RETRY.firstMs * 2 ** i);
    assert.equal(wlan0.take().length, 5);
    assert.deepEqual(l.clients(), []);
    assert.equal(l.logger.lines.length, 1);
    assert.match(
      l.logger.lines.join('\n'),
      /^warning no interface .* \(wlan0 has no Wi-Fi Direct: no P2P device address in its STATUS\); expected .*; waiting$/,
    );
    assert.deepEqual(
      l.events.map((event) => (event.type === 'waiting' ? event.code : event.type)),
      ['CONTROL_UNAVAILABLE'],
    );
    wlan0.script = () => status(ADDRESS);
    l.changed();
    l.network.settle();
    l.ended('wlan0');
  });

  test('a stale socket of a P2P device is not taken before a process serves it', (t) => {
    const l = lab(t);
    l.leave('p2p-dev-wlan0');
    l.start();
    l.advance(0);
    assert.match(l.logger.lines.join('\n'), /p2p-dev-wlan0: no program answers there/);
    assert.deepEqual(l.found, []);
    l.serve('p2p-dev-wlan0', status(ADDRESS));
    l.changed();
    l.network.settle();
    l.ended('p2p-dev-wlan0');
  });

  test('a change during the requests is examined soon, however long the pauses have become, and only once', (t) => {
    const l = lab(t);
    const wlan0 = l.serve('wlan0', null);
    l.start();
    // Each request is sent again when the former one has failed and a pause has passed.
    const asked = () => {
      while (wlan0.take().length === 0) l.advance(100);
    };
    for (let i = 0; i < 8; i++) asked();
    l.changed();
    l.advance(ANSWER_LIMIT_MS);
    assert.deepEqual(l.clock.waiting, [RETRY.firstMs]);
    asked();
    l.advance(ANSWER_LIMIT_MS);
    const [pause = 0] = l.clock.waiting;
    assert.ok(pause > RETRY.longestMs - 200, `${pause} ms`);
    l.serve('wlan1', status(ADDRESS));
    asked();
    l.advance(ANSWER_LIMIT_MS);
    l.ended('wlan1');
  });

  test('no permission: the error names the user and group that have it', (t) => {
    const l = lab(t);
    l.serve('wlan0', status(ADDRESS));
    l.network.refuse(join(l.folder, 'wlan0'), 'EACCES');
    l.start();
    l.advance(0);
    assert.match(l.logger.lines.join('\n'), /^error .*wlan0: permission denied; .* is for user/);
    l.search.close();
  });

  test('our own socket cannot be created: logged, and tried again', (t) => {
    const l = lab(t);
    l.serve('wlan0', status(ADDRESS));
    l.network.refuseBinding('ENOSPC');
    l.start();
    assert.match(
      l.logger.lines.join('\n'),
      /^error .*our own socket cannot be made at \S+: no space is left/,
    );
    l.network.refuseBinding(null);
    l.advance(RETRY.firstMs);
    l.ended('wlan0');
  });

  test('the folder disappears during the requests: they end, and one log line says why', (t) => {
    const l = lab(t);
    l.serve('wlan0', null);
    l.start();
    rmSync(l.folder, { recursive: true });
    l.changed();
    assert.deepEqual(l.clients(), []);
    assert.match(l.logger.lines.join('\n'), /^warning wpa_supplicant serves nothing in /);
    l.search.close();
  });
});

describe('close', () => {
  test('during the requests leaves neither sockets nor timers, and finds nothing', (t) => {
    const l = lab(t);
    l.serve('wlan0', status(ADDRESS));
    l.search.start();
    assert.equal(l.clients().length, 1);
    l.search.close();
    l.network.settle();
    l.changed();
    l.ended();
  });

  test('during a pause', (t) => {
    const l = lab(t);
    l.start();
    assert.match(l.logger.lines.join('\n'), /it is empty/);
    l.search.close();
    l.ended();
  });

  test('from within the callback for waiting', (t) => {
    const l = lab(t);
    l.reactions.set('waiting', () => l.search.close());
    l.start();
    assert.equal(l.events.length, 1);
    l.ended();
  });
});
