import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { controlClients, suspects } from '#src/host/control-clients.js';
import { type Clock, systemClock } from '#src/system/clock.js';
import { watchFolder } from '#src/system/folders.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import * as command from '#src/wpa/command.js';
import { ControlLink, HEARTBEAT_MS, type LinkListener } from '#src/wpa/link.js';
import {
  addPage,
  isOk,
  type NetworkProfile,
  type ProfileList,
  parseInterfaces,
  parseNetworks,
} from '#src/wpa/reply.js';
import { DatagramError, openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { CapturedLog } from '../fakes/captured-log.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS, within } from '../fakes/within.js';
import { overcome } from '../faults/outcome.js';
import { INTERFACE, reasonToSkip, Supplicant } from './real-supplicant.js';

/** A clock that runs ten times as fast: a wait of ten seconds takes one. */
const fastClock: Clock = {
  now: () => systemClock.now() * 10,
  after: (ms, fire) => systemClock.after(ms / 10, fire),
};

function lab(t: TestContext, clock: Clock = systemClock) {
  const folder = temporaryFolder(t);
  const supplicant = new Supplicant(folder);
  const logger = new CapturedLog();
  const log: string[] = [];
  const listener: LinkListener = {
    up: () => log.push('up'),
    down: (error) => log.push(`down ${error.code}`),
    missed: () => log.push('missed'),
    heldBack: () => log.push('held back'),
    heartbeat: () => {},
    event: (_event, text) => log.push(`event ${text}`),
    waiting: (error) => log.push(`waiting ${error.code}`),
  };
  const clients = join(folder, 'clients');
  const parts = {
    open: openUnixDatagram,
    clock,
    watch: watchFolder,
    folder: ClientFolder.at(clients),
    logger,
  };
  const open = (controlFolder = supplicant.controlFolder) => {
    const link = new ControlLink(controlFolder, INTERFACE, parts, listener);
    t.after(() => link.close());
    link.open();
    return link;
  };
  t.after(() => {
    supplicant.signal('SIGCONT');
    return supplicant.end('SIGKILL');
  });
  return {
    folder,
    supplicant,
    logger,
    log,
    open,
    clients,
    /** Waits until the link has reported this, and drops all reports up to it. */
    async told(entry: string): Promise<void> {
      await within(
        PATIENCE_MS,
        () => `"${entry}" among: ${log.slice(-10).join(' | ')}`,
        () => log.includes(entry),
      );
      log.splice(0, log.indexOf(entry) + 1);
    },
    async attached(): Promise<ControlLink> {
      await supplicant.started();
      const link = open();
      await this.told('up');
      return link;
    },
  };
}

/** The reply, or the error's code. */
function ask(link: ControlLink, text: string): Promise<string> {
  return new Promise((resolve) => {
    link.request(text, (outcome) => resolve('reply' in outcome ? outcome.reply : outcome.error.code));
  });
}

async function allNetworks(
  link: ControlLink,
): Promise<{ profiles: readonly NetworkProfile[]; pages: number }> {
  let list: ProfileList = { profiles: [], next: null };
  for (let pages = 1; ; pages++) {
    list = addPage(list.profiles, await ask(link, command.listNetworks(list.next)));
    if (list.next === null) return { profiles: list.profiles, pages };
  }
}

describe('the link to a real wpa_supplicant', { skip: reasonToSkip() }, () => {
  test('attaches, sends requests, and leaves nothing behind', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    assert.equal(await ask(link, command.PING), 'PONG\n');
    assert.deepEqual(parseInterfaces(await ask(link, command.INTERFACES)), [INTERFACE]);
    assert.match(await ask(link, command.STATUS), /^wpa_state=/m);
    assert.equal(await ask(link, 'NONSENSE'), 'UNKNOWN COMMAND\n');
    assert.equal(readdirSync(place.clients).length, 2);
    link.close();
    assert.deepEqual(readdirSync(place.clients), []);
    assert.deepEqual(place.logger.lines, []);
  });

  test('waits for a program that starts later', async (t) => {
    const place = lab(t);
    place.open();
    await place.told('waiting CONTROL_UNAVAILABLE');
    place.supplicant.start();
    await place.told('up');
  });

  test('works through another spelling of the control folder', async (t) => {
    const place = lab(t);
    await place.supplicant.started();
    symlinkSync(place.supplicant.controlFolder, join(place.folder, 'other'));
    const link = place.open(join(place.folder, 'other'));
    await place.told('up');
    assert.equal(await ask(link, command.PING), 'PONG\n');
    assert.deepEqual(place.logger.lines, []);
  });

  test('commands: 8192 bytes are answered; longer ones, and control characters, are not sent', async (t) => {
    const link = await lab(t).attached();
    assert.equal(await ask(link, 'x'.repeat(8_192)), 'UNKNOWN COMMAND\n');
    assert.equal(await ask(link, 'x'.repeat(8_193)), 'COMMAND_INVALID');
    assert.equal(await ask(link, 'PING\n'), 'COMMAND_INVALID');
    assert.equal(await ask(link, command.PING), 'PONG\n');
  });

  test('200 networks with long SSIDs are listed completely, in pages', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    const ssid = (id: number) => Buffer.from(`${id}`.padEnd(4, '\t').padEnd(32, '\u00e4\\"'), 'latin1');
    const events = () => place.log.filter((entry) => entry.startsWith('event CTRL-EVENT-NETWORK-ADDED '));
    for (let id = 0; id < 200; id++) {
      assert.equal(await ask(link, command.ADD_NETWORK), `${id}\n`);
      assert.ok(isOk(await ask(link, command.setNetwork(id, `ssid ${ssid(id).toString('hex')}`))));
    }
    const { profiles, pages } = await allNetworks(link);
    assert.deepEqual(
      profiles.map(({ id }) => id),
      Array.from({ length: 200 }, (_none, id) => id),
    );
    assert.deepEqual(
      profiles.map((profile) => profile.ssid),
      profiles.map(({ id }) => ssid(id).toString('utf8')),
    );
    assert.ok(pages > 5, `${pages} pages`);
    await within(PATIENCE_MS, 'an event for each network', () => events().length === 200);
  });

  test('requests made at once are answered in order', async (t) => {
    const link = await lab(t).attached();
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_none, i) => ask(link, i % 2 === 0 ? command.PING : command.ADD_NETWORK)),
    );
    const wanted = Array.from({ length: 100 }, (_none, i) => (i % 2 === 0 ? 'PONG\n' : `${(i - 1) / 2}\n`));
    assert.deepEqual(replies, wanted);
  });

  test('is lost with TERMINATING at SIGTERM and attaches to the next wpa_supplicant', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    const before = readdirSync(place.clients);
    await place.supplicant.end('SIGTERM');
    await place.told('event CTRL-EVENT-TERMINATING ');
    await place.told('down CONTROL_UNAVAILABLE');
    assert.equal(await ask(link, command.PING), 'CONTROL_UNAVAILABLE');
    place.supplicant.start();
    await place.told('up');
    assert.equal(await ask(link, command.PING), 'PONG\n');
    assert.deepEqual(
      readdirSync(place.clients).filter((name) => before.includes(name)),
      [],
    );
  });

  test('is lost at the first request after SIGKILL and attaches to the next wpa_supplicant', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    await place.supplicant.end('SIGKILL');
    assert.ok(existsSync(place.supplicant.socket), 'a killed program leaves its socket');
    assert.equal(await ask(link, command.PING), 'CONTROL_UNAVAILABLE');
    await place.told('down CONTROL_UNAVAILABLE');
    await place.told('waiting CONTROL_UNAVAILABLE');
    place.supplicant.start();
    await place.told('up');
    assert.equal(await ask(link, command.PING), 'PONG\n');
  });

  test('notices a restart after SIGKILL by the new socket', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    await place.supplicant.end('SIGKILL');
    place.supplicant.start();
    // A few microseconds decide whether we see the old or the new socket.
    const again = () => place.log.includes('missed') || place.log.includes('up');
    await within(PATIENCE_MS, 'attached again', again);
    assert.equal(await ask(link, command.PING), 'PONG\n');
  });

  test('notices that it was detached, attaches again and gets events', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    const monitor = readdirSync(place.clients).find((name) => name.endsWith('.mon'));
    assert.ok(monitor);
    // wpa_supplicant knows a monitor only by its path, so another socket with this path can detach it.
    const path = join(place.clients, monitor);
    renameSync(path, `${path}.aside`);
    const replies: string[] = [];
    const impostor = openUnixDatagram(path, (data) => replies.push(data.toString()));
    t.after(() => impostor.close());
    impostor.send(command.DETACH, place.supplicant.socket);
    await within(PATIENCE_MS, 'the reply to DETACH', () => replies.length > 0);
    assert.deepEqual(replies, ['OK\n']);
    impostor.close();
    renameSync(`${path}.aside`, path);
    await ask(link, command.ADD_NETWORK);
    // A changed control socket triggers the heartbeat, just as ten seconds do.
    utimesSync(place.supplicant.socket, new Date(), new Date());
    await place.told('missed');
    assert.match(place.logger.lines.join(), /detached without notice/);
    await ask(link, command.ADD_NETWORK);
    await place.told('event CTRL-EVENT-NETWORK-ADDED 1');
  });

  test('tells the settings that we look at, and forgets them without an event when it reads its file again', async (t) => {
    const place = lab(t);
    const link = await place.attached();
    const settings = {
      device_name: ' A "box"',
      config_methods: 'keypad hostp2pd:x',
      persistent_reconnect: '1',
    };
    for (const [key, value] of Object.entries(settings)) {
      assert.equal(await ask(link, command.set(key, value)), 'OK\n');
      assert.equal(await ask(link, command.get(key)), value);
    }
    // Of these nothing is told, so they cannot be looked at.
    for (const [key, value] of [
      ['device_type', '6-0050F204-1'],
      ['p2p_pref_chan', '81:1'],
    ] as const) {
      assert.equal(await ask(link, command.set(key, value)), 'OK\n');
      assert.equal(await ask(link, command.get(key)), 'FAIL\n');
    }
    assert.equal(await ask(link, command.RECONFIGURE), 'OK\n');
    const replies = await Promise.all(Object.keys(settings).map((key) => ask(link, command.get(key))));
    assert.deepEqual(replies, ['FAIL\n', 'FAIL\n', '0']);
    await ask(link, command.ADD_NETWORK);
    await within(PATIENCE_MS, 'an event after it', () =>
      place.log.some((entry) => /NETWORK-ADDED/.test(entry)),
    );
    assert.deepEqual(
      place.log.filter((entry) => !/NETWORK-ADDED/.test(entry)),
      [],
    );
  });

  test('a late reply of a wpa_supplicant that hung is ignored', async (t) => {
    const place = lab(t, fastClock);
    const link = await place.attached();
    place.supplicant.signal('SIGSTOP');
    assert.equal(await ask(link, command.ADD_NETWORK), 'CONTROL_TIMEOUT');
    await place.told('down CONTROL_TIMEOUT');
    place.supplicant.signal('SIGCONT');
    const continued = performance.now();
    await place.told('up');
    assert.equal(await ask(link, command.PING), 'PONG\n');
    // The command was run nevertheless, once.
    assert.equal(parseNetworks(await ask(link, command.listNetworks(null))).length, 1);
    overcome('replies come late', 'nothing', (performance.now() - continued) / 1000);
  });

  test('waits for a full queue', async (t) => {
    let waits = 0;
    const clock: Clock = {
      now: systemClock.now,
      after: (ms, fire) => {
        if (ms < 100) waits += 1;
        return systemClock.after(ms, fire);
      },
    };
    const place = lab(t, clock);
    const link = await place.attached();
    place.supplicant.signal('SIGSTOP');
    mkdirSync(join(place.folder, 'others'));
    const other = openUnixDatagram(join(place.folder, 'others', 'client'), () => {});
    t.after(() => other.close());
    const fill = () => {
      for (let i = 0; i < 10_000; i++) other.send(command.PING, place.supplicant.socket);
    };
    assert.throws(fill, (error) => error instanceof DatagramError && error.code === 'EAGAIN');
    const reply = ask(link, command.PING);
    await within(PATIENCE_MS, 'a second try', () => waits >= 2);
    place.supplicant.signal('SIGCONT');
    assert.equal(await reply, 'PONG\n');
    assert.deepEqual(place.log, []);
  });
});

describe('another client that does not read', { skip: reasonToSkip() }, () => {
  /** wpa_cli, attached and stopped, as after Ctrl-Z. */
  async function stoppedClient(t: TestContext, controlFolder: string): Promise<ChildProcess> {
    const client = spawn('wpa_cli', ['-p', controlFolder, '-i', INTERFACE]);
    t.after(() => client.kill('SIGKILL'));
    let output = '';
    client.stdout.on('data', (data) => {
      output += String(data);
    });
    await within(PATIENCE_MS, 'wpa_cli attached', () => output.includes('Interactive mode'));
    client.kill('SIGSTOP');
    return client;
  }

  /** Causes events until none arrive any more. */
  async function fill(link: ControlLink, log: readonly string[]): Promise<void> {
    for (let n = 0; n < 300; n++) {
      const before = log.length;
      const id = (await ask(link, 'ADD_NETWORK')).trim();
      await ask(link, `REMOVE_NETWORK ${id}`);
      if (log.length === before && n > 150) return;
    }
    assert.fail('events still arrive');
  }

  for (const [how, signal] of [
    ['ends', 'SIGKILL'],
    ['reads again', 'SIGCONT'],
  ] as const) {
    test(`is noticed and named, and its end is noticed when it ${how}`, async (t) => {
      let heartbeats = 0;
      const clock: Clock = {
        now: systemClock.now,
        after: (ms, fire) => {
          if (ms === HEARTBEAT_MS) heartbeats++;
          return systemClock.after(ms === HEARTBEAT_MS ? ms / 10 : ms, fire);
        },
      };
      const place = lab(t, clock);
      const { supplicant, log, logger } = place;
      const link = await place.attached();
      const client = await stoppedClient(t, supplicant.controlFolder);
      await fill(link, log);
      await place.told('held back');
      assert.equal(link.heldBack, true);
      assert.equal(await ask(link, 'PING'), 'PONG\n', 'requests are answered');
      assert.match(
        suspects(controlClients(supplicant.controlFolder)),
        new RegExp(`wpa_cli \\(pid ${client.pid}, stopped\\)`),
      );

      // wpa_supplicant may already have given that client up, so a report from before counts, too.
      client.kill(signal);
      // It makes its socket again and again meanwhile. A request that is lost by that makes the link attach again, which tells the same.
      await within(
        PATIENCE_MS,
        () => log.join(' | '),
        () => log.includes('missed') || log.includes('up'),
      );
      log.splice(0, Math.max(log.indexOf('missed'), log.indexOf('up')) + 1);
      assert.equal(link.heldBack, false);
      const before = heartbeats;
      await within(PATIENCE_MS, 'two heartbeats', () => heartbeats >= before + 3);
      assert.deepEqual(log, [], 'nothing is reported twice, and no old event');
      assert.ok(logger.lines.length <= 1, logger.lines.join(' | '));
      await ask(link, 'ADD_NETWORK');
      await place.told('event CTRL-EVENT-NETWORK-ADDED 0');
    });
  }
});
