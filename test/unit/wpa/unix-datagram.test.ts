import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  DatagramError,
  type DatagramSocket,
  MAX_ADDRESS_BYTES,
  openUnixDatagram,
} from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

interface Received {
  readonly data: Buffer;
  readonly from: string | null;
}

/** Sockets in a temporary folder. */
function lab(t: TestContext) {
  const folder = temporaryFolder(t);
  const open = (name: string, onData: (received: Received) => void = () => {}): DatagramSocket => {
    const socket = openUnixDatagram(join(folder, name), (data, from) => onData({ data, from }));
    t.after(() => socket.close());
    return socket;
  };
  return {
    folder,
    open,
    /** A socket that records its datagrams. */
    collector(name: string) {
      const received: Received[] = [];
      const socket = open(name, (one) => received.push(one));
      const count = (n: number) => within(2_000, `${n} datagrams at ${name}`, () => received.length >= n);
      return { socket, received, count, texts: () => received.map(({ data }) => data.toString()) };
    },
    /** A socket file that no process serves. */
    stale(name: string): string {
      const path = join(folder, name);
      const socket = openUnixDatagram(path, () => {});
      renameSync(path, `${path}.kept`);
      socket.close();
      renameSync(`${path}.kept`, path);
      return path;
    },
  };
}

const failsWith = (errno: string, call: 'bind' | 'send') => (error: unknown) =>
  error instanceof DatagramError && error.code === errno && error.message.startsWith(`${call} `);

/** What runs this file and starts another process alike: Node.js, or an emulator with a Node.js for another processor. */
const NODE = process.env['HOSTP2PD_TEST_NODE']?.split(' ') ?? [process.execPath];
/** An emulated Node.js needs seconds to start. */
const TIMEOUT_MS = NODE.length > 1 ? 30_000 : 5_000;

/** Runs a module that has `openUnixDatagram` and `folder`; ends it after some time. */
function run(folder: string, body: string, uid?: number): SpawnSyncReturns<string> {
  const module = import.meta.resolve('#src/wpa/unix-datagram.js');
  const script = `import { openUnixDatagram } from ${JSON.stringify(module)};\nconst folder = ${JSON.stringify(folder)};\n${body}`;
  const identity = uid === undefined ? {} : { uid, gid: uid };
  const [command = '', ...words] = NODE;
  return spawnSync(command, [...words, '--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    cwd: '/',
    ...identity,
  });
}

describe('round trip', () => {
  test('a datagram arrives with the path of its sender, and a reply reaches the sender', async (t) => {
    const { open, collector } = lab(t);
    const client = collector('client');
    const server = open('server', ({ data, from }) => server.send(`${data} back`, from ?? ''));
    client.socket.send('Grüße', server.address);
    await client.count(1);
    assert.deepEqual(client.received, [{ data: Buffer.from('Grüße back'), from: server.address }]);
  });

  test('datagrams keep their order and boundaries', async (t) => {
    const { open, collector } = lab(t);
    const server = collector('server');
    const client = open('client');
    for (const text of ['a', 'bc', 'def']) client.send(text, server.socket.address);
    await server.count(3);
    assert.deepEqual(server.texts(), ['a', 'bc', 'def']);
  });

  test('an empty datagram arrives as one', async (t) => {
    const { open, collector } = lab(t);
    const server = collector('server');
    const client = open('client');
    client.send('', server.socket.address);
    await server.count(1);
    assert.deepEqual(server.received, [{ data: Buffer.alloc(0), from: client.address }]);
  });

  test('60,000 bytes arrive whole', async (t) => {
    const { open, collector } = lab(t);
    const server = collector('server');
    const text = '0123456789'.repeat(6_000);
    open('client').send(text, server.socket.address);
    await server.count(1);
    assert.equal(server.texts()[0], text);
  });

  test('a socket may send to itself', async (t) => {
    const { socket, count, texts } = lab(t).collector('self');
    socket.send('x', socket.address);
    await count(1);
    assert.deepEqual(texts(), ['x']);
  });

  test('a sender that is not bound has no path', async (t) => {
    const server = lab(t).collector('server');
    const { error } = spawnSync('logger', ['--socket', server.socket.address, 'hello']);
    if (error) return t.skip('logger(1) is not installed');
    await server.count(1);
    assert.equal(server.received[0]?.from, null);
    assert.match(server.texts()[0] ?? '', /hello/);
  });

  test('only owner and group may write to the socket', (t) => {
    const { address } = lab(t).open('socket');
    assert.equal(statSync(address).mode & 0o777, 0o660);
  });
});

describe('long paths', () => {
  const exactly = (folder: string, bytes: number) => join(folder, 'x'.repeat(bytes - folder.length - 1));

  test('107 bytes work in both directions', async (t) => {
    const { folder, collector } = lab(t);
    const name = exactly(folder, MAX_ADDRESS_BYTES).slice(folder.length + 1);
    const long = collector(name);
    assert.equal(Buffer.byteLength(long.socket.address), 107);
    const short = collector('short');
    short.socket.send('ping', long.socket.address);
    await long.count(1);
    assert.equal(long.received[0]?.from, short.socket.address);
    long.socket.send('pong', short.socket.address);
    await short.count(1);
    assert.equal(short.received[0]?.from, long.socket.address);
  });

  test('108 bytes are refused, and no file with a truncated name is created', (t) => {
    const { folder } = lab(t);
    const path = exactly(folder, MAX_ADDRESS_BYTES + 1);
    assert.throws(() => openUnixDatagram(path, () => {}), failsWith('ENAMETOOLONG', 'bind'));
    assert.deepEqual(readdirSync(folder), []);
  });

  test('the limit counts bytes, not characters', (t) => {
    const { folder } = lab(t);
    const path = join(folder, 'ä'.repeat(60));
    assert.ok(path.length <= MAX_ADDRESS_BYTES);
    assert.throws(() => openUnixDatagram(path, () => {}), failsWith('ENAMETOOLONG', 'bind'));
  });

  test('a longer receiver is refused, and nothing is sent to the truncated path', async (t) => {
    const { folder, collector, open } = lab(t);
    const path = exactly(folder, MAX_ADDRESS_BYTES);
    const victim = collector(path.slice(folder.length + 1));
    const client = open('client');
    assert.throws(() => client.send('secret', `${path}x`), failsWith('ENAMETOOLONG', 'send'));
    client.send('meant', path);
    await victim.count(1);
    assert.deepEqual(victim.texts(), ['meant']);
  });
});

describe('failures have the errno of the kernel', () => {
  test('ENOENT: the path is not bound', (t) => {
    const { folder, open } = lab(t);
    assert.throws(() => open('client').send('x', join(folder, 'nobody')), failsWith('ENOENT', 'send'));
  });

  test('ECONNREFUSED: a socket file without a process behind it', (t) => {
    const { open, stale } = lab(t);
    assert.throws(() => open('client').send('x', stale('dead')), failsWith('ECONNREFUSED', 'send'));
  });

  test('EAGAIN: the receiver does not read', async (t) => {
    const { open, collector } = lab(t);
    const server = collector('server');
    const client = open('client');
    let sent = 0;
    const fill = () => {
      // Nothing is read before this call stack ends.
      for (; sent < 100_000; sent++) client.send(`${sent}`, server.socket.address);
    };
    assert.throws(fill, failsWith('EAGAIN', 'send'));
    assert.ok(sent > 0);
    await server.count(sent);
    client.send('again', server.socket.address);
    await server.count(sent + 1);
    assert.equal(server.texts().at(-1), 'again');
  });

  test('EMSGSIZE: longer than any datagram', (t) => {
    const { open } = lab(t);
    const server = open('server');
    assert.throws(
      () => open('client').send('x'.repeat(8_000_000), server.address),
      failsWith('EMSGSIZE', 'send'),
    );
  });

  test('EACCES: the folder is not accessible to this user', (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root, to become another user');
    const { folder, open } = lab(t);
    const server = open('server');
    const own = join(folder, 'own');
    mkdirSync(own);
    chmodSync(folder, 0o711);
    chmodSync(own, 0o777);
    const body = `
      const socket = openUnixDatagram(folder + '/own/client', () => {});
      try { socket.send('x', ${JSON.stringify(server.address)}); } catch (error) { console.log(error.code); }
      try { openUnixDatagram(folder + '/mine', () => {}); } catch (error) { console.log(error.code); }
      socket.close();`;
    const { stdout, stderr } = run(folder, body, 65_534);
    if (/ERR_MODULE_NOT_FOUND|EACCES.*(?:open|lstat|scandir)|Cannot find/.test(stderr)) {
      return t.skip('another user cannot read this checkout');
    }
    assert.deepEqual(stdout.trim().split('\n'), ['EACCES', 'EACCES'], stderr);
  });

  test('ENOENT: binding in a missing folder leaves no handle behind', (t) => {
    const { folder } = lab(t);
    const body = `
      for (let i = 0; i < 3; i++) {
        try { openUnixDatagram(folder + '/missing/socket', () => {}); } catch (error) { console.log(error.message); }
      }`;
    const { status, signal, stdout } = run(folder, body);
    assert.deepEqual({ status, signal }, { status: 0, signal: null });
    assert.deepEqual(new Set(stdout.trim().split('\n')), new Set([`bind ${folder}/missing/socket: ENOENT`]));
  });

  test('EADDRINUSE: a folder has the name', (t) => {
    const { folder } = lab(t);
    mkdirSync(join(folder, 'taken'));
    assert.throws(() => openUnixDatagram(join(folder, 'taken'), () => {}), failsWith('EADDRINUSE', 'bind'));
  });
});

describe('an existing file at the path', () => {
  test('is replaced if it is a stale socket', async (t) => {
    const { collector, stale, open } = lab(t);
    stale('client');
    const socket = collector('client');
    open('other').send('x', socket.socket.address);
    await socket.count(1);
    assert.deepEqual(socket.texts(), ['x']);
  });

  test('is replaced if it is another kind of file', (t) => {
    const { folder, open } = lab(t);
    writeFileSync(join(folder, 'client'), '');
    assert.ok(statSync(open('client').address).isSocket());
  });
});

describe('close', () => {
  test('removes the file, and may be called twice', (t) => {
    const socket = lab(t).open('socket');
    assert.ok(existsSync(socket.address));
    socket.close();
    assert.equal(existsSync(socket.address), false);
    socket.close();
  });

  test('a second close does not remove the file of the next socket', (t) => {
    const { open } = lab(t);
    const first = open('socket');
    first.close();
    const second = open('socket');
    first.close();
    assert.ok(existsSync(second.address));
  });

  test('stops the delivery of what is already in the queue', async (t) => {
    const { open, collector } = lab(t);
    const closed = collector('closed');
    const other = collector('other');
    const client = open('client');
    client.send('lost', closed.socket.address);
    client.send('seen', other.socket.address);
    closed.socket.close();
    await other.count(1);
    assert.deepEqual(closed.texts(), []);
  });

  test('from within the listener stops the delivery at once', async (t) => {
    const { open, collector } = lab(t);
    const texts: string[] = [];
    const socket = open('socket', ({ data }) => {
      texts.push(data.toString());
      socket.close();
    });
    const other = collector('other');
    const client = open('client');
    for (const text of ['1', '2', '3']) client.send(text, socket.address);
    for (const text of ['1', '2', '3']) client.send(text, other.socket.address);
    await other.count(3);
    assert.deepEqual(texts, ['1']);
    assert.equal(existsSync(socket.address), false);
  });

  test('of one socket from within the listener of another', async (t) => {
    const { open, collector } = lab(t);
    const told: string[] = [];
    const sockets = ['a', 'b'].map((name) =>
      open(name, ({ data }) => {
        told.push(data.toString());
        for (const socket of sockets) socket.close();
      }),
    );
    const end = collector('end');
    const client = open('client');
    for (const { address } of sockets) client.send('x', address);
    client.send('end', end.socket.address);
    await end.count(1);
    assert.deepEqual(told, ['x']);
  });

  test('then a new socket from within the listener: each gets its own datagrams', async (t) => {
    const { open, collector } = lab(t);
    const client = open('client');
    const fresh = collector('unused');
    const first = open('first', () => {
      first.close();
      const second = open('second', (one) => fresh.received.push(one));
      client.send('for the second', second.address);
    });
    client.send('for the first', first.address);
    client.send('lost', first.address);
    await fresh.count(1);
    assert.deepEqual(fresh.texts(), ['for the second']);
  });

  test('a closed socket sends no more', (t) => {
    const { open } = lab(t);
    const server = open('server');
    const client = open('client');
    client.close();
    assert.throws(() => client.send('x', server.address), failsWith('EBADF', 'send'));
  });
});

describe('the event loop', () => {
  test('promises resolved in a listener continue without waiting for other I/O', (t) => {
    const { folder } = lab(t);
    const body = `
      const client = openUnixDatagram(folder + '/client', () => {});
      const idle = setTimeout(() => console.log('only after the timer'), 4_000);
      let server;
      const came = new Promise((resolve) => {
        server = openUnixDatagram(folder + '/server', (data) => resolve(data.toString()));
      });
      client.send('in time', server.address);
      console.log(await came);
      await Promise.resolve();
      clearTimeout(idle);
      client.close();
      server.close();`;
    const { stdout, status, stderr } = run(folder, body);
    assert.equal(stdout, 'in time\n', stderr);
    assert.equal(status, 0);
  });

  test('an open socket keeps the process running, closed sockets do not', (t) => {
    const { folder } = lab(t);
    const body = `
      const sockets = ['a', 'b'].map((name) => openUnixDatagram(folder + '/' + name, () => {}));
      setTimeout(() => { for (const socket of sockets) socket.close(); console.log('closed'); }, 50);`;
    const { stdout, status, signal } = run(folder, body);
    assert.deepEqual({ stdout, status, signal }, { stdout: 'closed\n', status: 0, signal: null });
    assert.deepEqual(readdirSync(folder), []);
  });

  test('an error thrown by a listener is an uncaught exception', (t) => {
    const { folder } = lab(t);
    const body = `
      process.on('uncaughtException', (error) => { console.log(error.message); socket.close(); });
      const socket = openUnixDatagram(folder + '/socket', () => { throw new Error('thrown'); });
      socket.send('x', socket.address);`;
    assert.equal(run(folder, body).stdout, 'thrown\n');
  });
});
