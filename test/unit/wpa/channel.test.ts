import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostP2pError } from '#src/system/errors.js';
import { Channel, type ChannelOptions, type Outcome, REPLY_LIMIT_MS } from '#src/wpa/channel.js';
import { DatagramError } from '#src/wpa/unix-datagram.js';
import { DatagramNetwork } from '../../fakes/datagram-network.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const SERVER = '/run/wpa_supplicant/p2p-dev-wlan0';
const CLIENT = '/run/hostp2pd/p2p-dev-wlan0.1-0.cmd';

/** A channel to a server that records requests and answers only when the test says so. */
function lab(options: Partial<ChannelOptions> = {}) {
  const network = new DatagramNetwork();
  const clock = new ManualClock();
  /** Everything that the channel reported, in order. */
  const log: string[] = [];
  const received: string[] = [];
  network.open(SERVER, (data) => received.push(data.toString()));
  const channel = new Channel({
    server: SERVER,
    address: CLIENT,
    open: network.open,
    clock,
    trusts: (sender) => sender === SERVER,
    onEvent: (text) => log.push(`event ${text}`),
    onBroken: (error) => log.push(`broken ${error.code}`),
    ...options,
  });
  const describeOutcome = (outcome: Outcome) =>
    'reply' in outcome ? JSON.stringify(outcome.reply) : outcome.error.code;
  return {
    network,
    clock,
    channel,
    log,
    ask(command: string, then: () => void = () => {}): void {
      channel.request(command, (outcome) => {
        log.push(`${command} → ${describeOutcome(outcome)}`);
        then();
      });
    },
    /** The datagrams that the server has received since the last call. */
    received(): string[] {
      network.settle();
      return received.splice(0);
    },
    say(text: string, from: string | null = SERVER): void {
      network.inject(text, CLIENT, from);
      network.settle();
    },
    advance(ms: number): void {
      clock.advance(ms, () => network.settle());
    },
  };
}

describe('one request in flight', () => {
  test('the next one is sent only after the reply, in the order of the calls', () => {
    const { ask, say, received, log } = lab();
    for (const command of ['A', 'B', 'C']) ask(command);
    assert.deepEqual(received(), ['A']);
    say('1');
    assert.deepEqual(received(), ['B']);
    say('2');
    assert.deepEqual(received(), ['C']);
    say('3');
    assert.deepEqual(received(), []);
    assert.deepEqual(log, ['A → "1"', 'B → "2"', 'C → "3"']);
  });

  test('an empty datagram is a reply', () => {
    const { ask, say, log } = lab();
    ask('STA-FIRST');
    say('');
    assert.deepEqual(log, ['STA-FIRST → ""']);
  });

  test('an event between request and reply is an event, and the reply still finds its request', () => {
    const { ask, say, log } = lab();
    ask('ADD_NETWORK');
    say('<3>CTRL-EVENT-NETWORK-ADDED 1');
    say('1\n');
    say('<3>AP-ENABLED ');
    assert.deepEqual(log, ['event CTRL-EVENT-NETWORK-ADDED 1', 'ADD_NETWORK → "1\\n"', 'event AP-ENABLED ']);
  });

  test('a reply without a request is ignored', () => {
    const { ask, say, log } = lab();
    say('OK\n');
    ask('PING');
    say('PONG\n');
    say('PONG\n');
    ask('STATUS');
    assert.deepEqual(log, ['PING → "PONG\\n"']);
  });

  test('a request made inside a callback is queued after the earlier ones', () => {
    const { ask, say, received, log } = lab();
    ask('A', () => ask('D'));
    ask('B', () => ask('E'));
    ask('C');
    for (const reply of ['1', '2', '3', '4', '5']) {
      assert.equal(received().length, 1);
      say(reply);
    }
    assert.deepEqual(log, ['A → "1"', 'B → "2"', 'C → "3"', 'D → "4"', 'E → "5"']);
  });

  test('a request made inside the callback of the only one is sent at once', () => {
    const { ask, say, received } = lab();
    ask('A', () => ask('B'));
    say('1');
    assert.deepEqual(received(), ['A', 'B']);
  });
});

describe('senders', () => {
  test('a foreign reply and a foreign event are ignored', () => {
    const { ask, say, log } = lab();
    ask('PING');
    for (const from of ['/run/wpa_supplicant/wlan0', '/tmp/evil', null]) {
      say('FAIL\n', from);
      say('<3>CTRL-EVENT-TERMINATING ', from);
    }
    say('PONG\n');
    assert.deepEqual(log, ['PING → "PONG\\n"']);
  });
});

describe('no reply', () => {
  test('within 10 s closes the channel with CONTROL_TIMEOUT, for the queued requests too', () => {
    const { ask, advance, log, channel, network } = lab();
    ask('A');
    ask('B');
    advance(REPLY_LIMIT_MS - 1);
    assert.deepEqual(log, []);
    advance(1);
    assert.deepEqual(log, ['A → CONTROL_TIMEOUT', 'B → CONTROL_TIMEOUT', 'broken CONTROL_TIMEOUT']);
    channel.close();
    assert.deepEqual(network.bound, [SERVER]);
  });

  test('the limit starts when a request is sent, not when it is queued', () => {
    const { ask, say, advance, log } = lab();
    ask('A');
    ask('B');
    advance(9_000);
    say('1');
    advance(9_000);
    say('2');
    assert.deepEqual(log, ['A → "1"', 'B → "2"']);
  });

  test('a late reply is never given to another request', () => {
    const { ask, say, advance, log, network } = lab();
    ask('A');
    advance(REPLY_LIMIT_MS);
    ask('B');
    assert.throws(() => say('late'), DatagramError);
    assert.deepEqual(log, ['A → CONTROL_TIMEOUT', 'broken CONTROL_TIMEOUT', 'B → CONTROL_CLOSED']);
    assert.deepEqual(network.bound, [SERVER]);
  });

  test('a reply that arrives at the time limit is lost with the channel', () => {
    const { ask, advance, log, network } = lab();
    ask('A');
    network.inject('late', CLIENT, SERVER);
    advance(REPLY_LIMIT_MS);
    network.settle();
    assert.deepEqual(log, ['A → CONTROL_TIMEOUT', 'broken CONTROL_TIMEOUT']);
  });

  test('events and foreign datagrams do not extend the limit', () => {
    const { ask, say, advance, log } = lab();
    ask('A');
    advance(9_999);
    say('<3>AP-ENABLED ');
    say('x', '/tmp/evil');
    advance(1);
    assert.deepEqual(log, ['event AP-ENABLED ', 'A → CONTROL_TIMEOUT', 'broken CONTROL_TIMEOUT']);
  });

  test('no timer is left after a reply', () => {
    const { ask, say, clock } = lab();
    ask('A');
    assert.deepEqual(clock.waiting, [REPLY_LIMIT_MS]);
    say('1');
    assert.deepEqual(clock.waiting, []);
  });
});

describe('a full queue (EAGAIN)', () => {
  test('is tried again until the request is sent', () => {
    const { ask, say, advance, received, network, log, clock } = lab();
    network.refuse(SERVER, 'EAGAIN');
    ask('A');
    ask('B');
    advance(1_000);
    assert.deepEqual(received(), []);
    network.refuse(SERVER, null);
    advance(50);
    assert.deepEqual(received(), ['A']);
    assert.deepEqual(clock.waiting, [REPLY_LIMIT_MS]);
    say('1');
    say('2');
    assert.deepEqual(log, ['A → "1"', 'B → "2"']);
  });

  test('is given up after 5 s', () => {
    const { ask, advance, network, log } = lab();
    network.refuse(SERVER, 'EAGAIN');
    ask('A');
    ask('B');
    advance(4_999);
    assert.deepEqual(log, []);
    advance(1);
    assert.deepEqual(log, [
      'A → CONTROL_UNAVAILABLE',
      'B → CONTROL_UNAVAILABLE',
      'broken CONTROL_UNAVAILABLE',
    ]);
  });

  test('leaves no timer behind when the channel is closed meanwhile', () => {
    const { ask, advance, network, channel, log, clock } = lab();
    network.refuse(SERVER, 'EAGAIN');
    ask('A');
    advance(100);
    channel.close();
    assert.deepEqual(clock.waiting, []);
    assert.deepEqual(log, ['A → CONTROL_CLOSED']);
  });
});

describe('a send that fails', () => {
  const CASES = [
    { errno: 'EACCES', code: 'CONTROL_DENIED' },
    { errno: 'EPERM', code: 'CONTROL_DENIED' },
    { errno: 'ENOENT', code: 'CONTROL_UNAVAILABLE' },
    { errno: 'ECONNREFUSED', code: 'CONTROL_UNAVAILABLE' },
    { errno: 'ENOTSOCK', code: 'CONTROL_UNAVAILABLE' },
  ];
  for (const { errno, code } of CASES) {
    test(`${errno} means ${code}`, () => {
      const { ask, advance, network, log, clock } = lab();
      network.refuse(SERVER, errno);
      ask('A');
      advance(0);
      assert.deepEqual(log, [`A → ${code}`, `broken ${code}`]);
      assert.deepEqual(network.bound, [SERVER]);
      assert.deepEqual(clock.waiting, []);
    });
  }

  test('names the socket and the reason, and keeps the cause', () => {
    let broken: HostP2pError | null = null;
    const { ask, advance, network } = lab({ onBroken: (error) => (broken = error) });
    network.refuse(SERVER, 'ECONNREFUSED');
    ask('A');
    advance(0);
    assert.ok(broken);
    const error: HostP2pError = broken;
    assert.match(error.message, /p2p-dev-wlan0: .*ECONNREFUSED/);
    assert.ok(error.cause instanceof DatagramError);
  });

  test('does not call back from inside the request', () => {
    const { ask, advance, network, log } = lab();
    network.refuse(SERVER, 'ENOENT');
    ask('A');
    assert.deepEqual(log, []);
    advance(0);
    assert.deepEqual(log, ['A → CONTROL_UNAVAILABLE', 'broken CONTROL_UNAVAILABLE']);
  });

  test('of the next request does not overtake the reply of the one before', () => {
    const { ask, say, advance, network, log } = lab();
    ask('A');
    ask('B');
    network.refuse(SERVER, 'ECONNREFUSED');
    say('1');
    advance(0);
    assert.deepEqual(log, ['A → "1"', 'B → CONTROL_UNAVAILABLE', 'broken CONTROL_UNAVAILABLE']);
  });

  test('of DETACH at the end is ignored', () => {
    const { channel, network, log } = lab();
    network.refuse(SERVER, 'ECONNREFUSED');
    channel.sendLast('DETACH');
    channel.close();
    channel.sendLast('DETACH');
    assert.deepEqual(log, []);
  });
});

describe('close', () => {
  test('ends the pending requests in order, each exactly once, and reports no failure', () => {
    const { ask, channel, log, clock, network, advance } = lab();
    for (const command of ['A', 'B', 'C']) ask(command);
    channel.close();
    channel.close();
    advance(60_000);
    assert.deepEqual(log, ['A → CONTROL_CLOSED', 'B → CONTROL_CLOSED', 'C → CONTROL_CLOSED']);
    assert.deepEqual(clock.waiting, []);
    assert.deepEqual(network.bound, [SERVER]);
  });

  test('requests made during or after it end at once', () => {
    const { ask, channel, log, received } = lab();
    ask('A', () => ask('A2'));
    ask('B');
    channel.close();
    ask('C');
    assert.deepEqual(log, [
      'A → CONTROL_CLOSED',
      'A2 → CONTROL_CLOSED',
      'B → CONTROL_CLOSED',
      'C → CONTROL_CLOSED',
    ]);
    assert.deepEqual(received(), ['A']);
  });

  test('from inside a reply ends the rest', () => {
    const { ask, say, channel, log, received } = lab();
    ask('A', () => channel.close());
    ask('B');
    ask('C');
    say('1');
    assert.deepEqual(log, ['A → "1"', 'B → CONTROL_CLOSED', 'C → CONTROL_CLOSED']);
    assert.ok(!received().includes('C'));
  });

  test('from inside an event stops the delivery', () => {
    const log: string[] = [];
    const { ask, say, network, channel } = lab({
      onEvent: (text) => {
        log.push(text);
        channel.close();
      },
    });
    ask('A');
    network.inject('<3>one', CLIENT, SERVER);
    network.inject('<3>two', CLIENT, SERVER);
    network.inject('1', CLIENT, SERVER);
    network.settle();
    assert.deepEqual(log, ['one']);
    assert.throws(() => say('x'), DatagramError);
  });

  test('with a reason ends the pending requests with that reason', () => {
    const { ask, channel, log } = lab();
    ask('A');
    channel.close(new HostP2pError('CONTROL_UNAVAILABLE', 'wpa_supplicant has ended'));
    ask('B');
    assert.deepEqual(log, ['A → CONTROL_UNAVAILABLE', 'B → CONTROL_CLOSED']);
  });
});

test('an address that cannot be bound is an error', () => {
  const network = new DatagramNetwork();
  network.refuseBinding('EACCES');
  assert.throws(
    () => lab({ open: network.open }),
    (error) => error instanceof DatagramError && error.code === 'EACCES',
  );
});
