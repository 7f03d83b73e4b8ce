import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Forwarding } from '#src/addressing/forwarding.js';
import { InternetSharing, type SharingRequest } from '#src/addressing/internet-sharing.js';
import { interfaceOfRoute, rulesText, tableName } from '#src/addressing/sharing-rules.js';
import { parseSubnet } from '#src/config/ipv4.js';
import { Problems } from '#src/system/problems.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const SUBNET = parseSubnet('192.168.49.1/24') ?? assert.fail();
const OWNER = 'p2p-dev-wlan0';
const GROUP = 'p2p-wlan0-0';
const SHARING = { owner: OWNER, group: GROUP, subnet: SUBNET, uplink: 'eth0', uplinkIsOurs: false };

describe('the rules', () => {
  test('only the group goes out, by the uplink alone, and only replies come in', () => {
    assert.equal(
      rulesText(SHARING),
      `table ip hostp2pd-p2p-dev-wlan0
delete table ip hostp2pd-p2p-dev-wlan0
table ip hostp2pd-p2p-dev-wlan0 {
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "p2p-wlan0-0" oifname "eth0" ip saddr 192.168.49.0/24 accept
    iifname "p2p-wlan0-0" oifname != "p2p-wlan0-0" drop
    iifname "eth0" oifname "p2p-wlan0-0" ct state established,related accept
    iifname != "p2p-wlan0-0" oifname "p2p-wlan0-0" drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 192.168.49.0/24 oifname "eth0" masquerade
  }
}
`,
    );
  });

  test('an uplink that forwards only because of us does not become a way into this machine', () => {
    assert.match(
      rulesText({ ...SHARING, uplinkIsOurs: true }),
      /^ {4}iifname "eth0" ct state != \{ established, related \} drop$/m,
    );
  });

  test('a name that nft would read as a pattern, or could not read, is refused', () => {
    for (const uplink of ['eth*', 'a"b', 'eth0;'])
      assert.throws(() => rulesText({ ...SHARING, uplink }), /nft does not take this name/);
    assert.equal(tableName('p2p dev"0'), 'hostp2pd-p2p_dev_0');
  });

  test('the interface of the route to the internet', () => {
    const answer = '198.41.0.4 via 10.0.2.2 dev wlan0 src 10.0.2.15 uid 0 \n    cache \n';
    assert.equal(interfaceOfRoute(answer), 'wlan0');
    assert.equal(interfaceOfRoute('198.41.0.4 dev wg0 table 51820 src 10.2.0.2 uid 0'), 'wg0');
    assert.equal(interfaceOfRoute('local 198.41.0.4 dev lo src 198.41.0.4'), null);
    assert.equal(interfaceOfRoute(''), null);
  });
});

/** A /proc/sys with the forwarding of these interfaces. */
class FakeKernel {
  readonly root: string;
  readonly note: string;

  constructor(t: TestContext, values: Readonly<Record<string, string>>) {
    const folder = temporaryFolder(t);
    this.root = join(folder, 'sys');
    this.note = join(folder, 'state', 'p2p-dev-wlan0.sharing.json');
    this.boot = 'one';
    for (const [name, value] of Object.entries({ all: '0', ...values })) this.set(name, value);
  }

  set boot(id: string) {
    this.#write('kernel/random/boot_id', id);
  }

  set(name: string, value: string): void {
    this.#write(`net/ipv4/conf/${name}/forwarding`, value);
  }

  get(...names: readonly string[]): string {
    const read = (name: string) => readFileSync(join(this.root, `net/ipv4/conf/${name}/forwarding`), 'utf8');
    return names.map((name) => read(name).trim()).join('');
  }

  remove(name: string): void {
    rmSync(join(this.root, 'net/ipv4/conf', name), { recursive: true });
  }

  /** As a process that has just been started. */
  forwarding(): Forwarding {
    return new Forwarding(this.note, this.root);
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), `${text}\n`);
  }
}

describe('forwarding', () => {
  test('is switched on for the interfaces that need it, and off again where it was off', async (t) => {
    const kernel = new FakeKernel(t, { [GROUP]: '0', eth0: '1', wlan0: '0' });
    const forwarding = kernel.forwarding();
    assert.deepEqual(
      ['eth0', 'wlan0'].map((name) => forwarding.isOurs(name)),
      [false, true],
    );
    await forwarding.begin();
    await forwarding.use(GROUP, 'eth0');
    assert.equal(kernel.get('all', GROUP, 'eth0', 'wlan0'), '0110');
    await forwarding.use(GROUP, 'wlan0');
    assert.equal(kernel.get('all', GROUP, 'eth0', 'wlan0'), '0111');
    assert.equal(forwarding.isOurs('wlan0'), true);
    await forwarding.use(GROUP, 'eth0');
    assert.equal(kernel.get('all', GROUP, 'eth0', 'wlan0'), '0110');
    forwarding.restore();
    await forwarding.forget();
    assert.equal(kernel.get('all', GROUP, 'eth0', 'wlan0'), '0010');
    assert.equal(existsSync(kernel.note), false);
  });

  test('the next instance puts it back after kill -9', async (t) => {
    const kernel = new FakeKernel(t, { [GROUP]: '0', eth0: '0' });
    const killed = kernel.forwarding();
    await killed.begin();
    await killed.use(GROUP, 'eth0');
    kernel.remove(GROUP);
    const next = kernel.forwarding();
    assert.equal(next.noted, true);
    next.load();
    next.restore();
    assert.equal(kernel.get('all', 'eth0'), '00');
  });

  test('a note from before a restart of the machine is void', async (t) => {
    const kernel = new FakeKernel(t, { eth0: '0' });
    await kernel.forwarding().use('eth0');
    kernel.boot = 'two';
    const next = kernel.forwarding();
    next.load();
    next.restore();
    assert.equal(kernel.get('eth0'), '1');
  });

  test('an unreadable note changes nothing', async (t) => {
    for (const text of ['', '[]', '{"boot":"one","switchedOn":7}', 'x']) {
      const kernel = new FakeKernel(t, { eth0: '1' });
      mkdirSync(dirname(kernel.note), { recursive: true });
      writeFileSync(kernel.note, text, { mode: 0o600 });
      const next = kernel.forwarding();
      next.load();
      next.restore();
      assert.equal(kernel.get('eth0'), '1');
    }
  });

  test('it stays on if another program has made the machine a router meanwhile', async (t) => {
    const kernel = new FakeKernel(t, { [GROUP]: '0', eth0: '0' });
    const forwarding = kernel.forwarding();
    await forwarding.use(GROUP, 'eth0');
    // The kernel sets all interfaces with it.
    kernel.set('all', '1');
    assert.equal(forwarding.isOurs('eth0'), false);
    forwarding.restore();
    assert.equal(kernel.get('eth0'), '1');
  });
});

const ROUTE = '198.41.0.4 via 10.0.2.2 dev eth0 src 10.0.2.15 uid 0\n';
const NO_FIREWALL = '{"nftables": []}';
const REQUEST: SharingRequest = { owner: OWNER, group: GROUP, subnet: SUBNET, uplink: 'auto' };

/** Sharing with fakes for ip and nft. `tables` has what nft was given. */
function scene(t: TestContext) {
  const kernel = new FakeKernel(t, { [GROUP]: '0', eth0: '0', wwan0: '0' });
  const clock = new ManualClock();
  const log = new CapturedLog();
  const problems = new Problems(() => {}, clock);
  const nft = { chains: NO_FIREWALL, nftProblem: '', table: '', looks: 0 };
  const world = { ...nft, route: ROUTE, carrier: GROUP, interfaces: ['eth1'] };
  const rules: string[] = [];
  let changed = () => {};
  let followers = 0;
  const start = () =>
    new InternetSharing(OWNER, {
      ...{ logger: log, clock, stateFolder: '/nowhere', forwarding: kernel.forwarding() },
      onProblem: problems.of('internet'),
      lookUp: () => ({ interface: world.carrier, index: 7 }),
      isThere: (name) => world.interfaces.includes(name),
      follow: (told) => {
        changed = told;
        followers++;
        return { running: true, close: () => void followers-- };
      },
      run: async (program, args, { input }) => {
        if (program === 'ip') {
          if (world.route !== '') return world.route;
          throw new Error('ip -4 route get 198.41.0.4: RTNETLINK answers: Network is unreachable');
        }
        if (world.nftProblem !== '') throw new Error(world.nftProblem);
        if (args.includes('-j')) return world.chains;
        if (args.at(-1) === `hostp2pd-${OWNER}`) {
          world.looks++;
          if (world.table === '') throw new Error('nft: No such file or directory');
          return world.table;
        }
        if (input === undefined) return 'table ip filter {}';
        rules.push(input);
        world.table = input.includes('{') ? input : '';
        return '';
      },
    });
  const sharing = start();
  return {
    ...{ kernel, clock, log, problems, world, rules, sharing, start },
    routesChange: () => {
      changed();
      clock.advance(500);
    },
    followers: () => followers,
    state: (uplink: string | null, problem: RegExp | null) =>
      until(() => {
        const state = sharing.state;
        if (state?.uplink !== uplink) return false;
        return problem === null ? state.problem === null : problem.test(state.problem ?? '');
      }),
    inForce: () => (/\{/.test(rules.at(-1) ?? '') ? kernel.get(GROUP) : 'none'),
  };
}

async function until(met: () => boolean): Promise<void> {
  for (let tries = 0; !met(); tries++) {
    assert.ok(tries < 1000, 'not within 5 s');
    await pause(5);
  }
}

describe('sharing', () => {
  test('is in force from the group until its end', async (t) => {
    const { sharing, kernel, state, rules, log, inForce, followers } = scene(t);
    assert.equal(sharing.state, null);
    sharing.share(REQUEST);
    await state('eth0', null);
    assert.equal(kernel.get('all', GROUP, 'eth0'), '011');
    assert.match(rules.at(-1) ?? '', /iifname "eth0" ct state != \{ established, related \} drop/);
    assert.deepEqual(log.lines, [`info ${GROUP}: phones use the internet connection of eth0`]);
    assert.equal(followers(), 1);
    await sharing.close();
    assert.equal(sharing.state, null);
    assert.equal(inForce(), 'none');
    assert.equal(kernel.get('all', GROUP, 'eth0'), '000');
    assert.equal(existsSync(kernel.note), false);
    assert.equal(followers(), 0);
  });

  test('follows the route to the internet, also when it is lost and comes back', async (t) => {
    const { sharing, kernel, state, world, rules, routesChange, inForce, log } = scene(t);
    sharing.share(REQUEST);
    await state('eth0', null);
    world.route = ROUTE.replace('eth0', 'wwan0');
    routesChange();
    await state('wwan0', null);
    assert.match(rules.at(-1) ?? '', /oifname "wwan0" masquerade/);
    assert.equal(kernel.get('eth0', 'wwan0'), '01');
    world.route = '';
    routesChange();
    await state(null, /no route to the internet/);
    await until(() => inForce() === 'none');
    assert.equal(kernel.get(GROUP, 'eth0', 'wwan0'), '000');
    world.route = ROUTE;
    routesChange();
    await state('eth0', null);
    assert.equal(log.lines.length, 4);
    await sharing.close();
  });

  test('rules that another program has flushed come back within a minute', async (t) => {
    const { sharing, state, rules, world, clock, log } = scene(t);
    sharing.share(REQUEST);
    await state('eth0', null);
    await until(() => clock.waiting.length > 0);
    rules.length = 0;
    world.table = '';
    clock.advance(60_000);
    await until(() => rules.length === 1);
    assert.match(rules[0] ?? '', /masquerade/);
    assert.equal(log.lines.length, 1, 'nothing has changed for a person');
    await sharing.close();
  });

  test('rules that are in force are not replaced, which would lose packets', async (t) => {
    const { sharing, state, rules, world, clock, routesChange } = scene(t);
    sharing.share(REQUEST);
    await state('eth0', null);
    for (const cause of [() => clock.advance(60_000), routesChange]) {
      const { looks } = world;
      cause();
      await until(() => world.looks > looks);
    }
    assert.equal(rules.length, 1);
    await sharing.close();
  });

  test('an interface that is named is used, if it is there', async (t) => {
    const { sharing, kernel, state, world, clock } = scene(t);
    kernel.set('eth1', '1');
    world.interfaces = [];
    sharing.share({ ...REQUEST, uplink: 'eth1' });
    await state(null, /^there is no interface eth1 \(share_internet\)$/);
    world.interfaces = ['eth1'];
    await until(() => clock.waiting.length > 0);
    clock.advance(60_000);
    await state('eth1', null);
    assert.equal(kernel.get('eth1', 'eth0'), '10');
    await sharing.close();
  });

  for (const [what, change, problem] of [
    [
      'nft is not installed',
      { nftProblem: 'nft is not installed (Debian: apt install nftables)' },
      /^nft is not/,
    ],
    ['the group is in a bridge', { carrier: 'br0' }, /belongs to the bridge br0/],
    ['the route is that of the group', { route: ROUTE.replace('eth0', GROUP) }, /no route to the internet/],
  ] as const)
    test(`nothing is changed where ${what}`, async (t) => {
      const { sharing, kernel, state, world, rules, log } = scene(t);
      Object.assign(world, change);
      sharing.share(REQUEST);
      await state(null, problem);
      assert.equal(kernel.get('all', GROUP, 'eth0'), '000');
      assert.equal(existsSync(kernel.note), false);
      assert.deepEqual(rules, []);
      assert.equal(log.lines.length, 1);
      assert.match(log.lines[0] ?? '', /^warning p2p-wlan0-0: phones do not reach the internet: /);
      await sharing.close();
    });

  test('a firewall in the way is a problem with its fix; what is in force stays', async (t) => {
    const { sharing, kernel, state, world, log } = scene(t);
    const chain = { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' };
    world.chains = JSON.stringify({ nftables: [{ chain }] });
    sharing.share(REQUEST);
    await state('eth0', /^iptables drops .*: sudo iptables -I FORWARD -i p2p-\+ -o eth0 -j ACCEPT; /);
    assert.equal(kernel.get(GROUP, 'eth0'), '11');
    assert.match(log.lines[0] ?? '', /^warning .* phones do not reach the internet: iptables drops/);
    await sharing.close();
  });

  test('what cannot be undone is tried again each minute, and at the end once more', async (t) => {
    const { sharing, kernel, clock, state, world, rules, log, problems, inForce } = scene(t);
    const warnings = () => log.lines.filter((line) => line.includes('cannot be undone'));
    sharing.share(REQUEST);
    await state('eth0', null);
    world.nftProblem = 'nft: Could not process rule: Device or resource busy';
    sharing.withdraw();
    await until(() => clock.waiting.length > 0 && warnings().length === 1);
    assert.match(warnings()[0] ?? '', /^warning .*busy$/);
    assert.match(problems.list[0]?.reason ?? '', /cannot be undone.*busy$/);
    assert.notEqual(inForce(), 'none');
    assert.equal(kernel.get(GROUP, 'eth0'), '00');
    kernel.set('eth0', '1');
    clock.advance(60_000);
    await until(() => warnings().length === 2 && clock.waiting.length > 0);
    assert.equal(kernel.get('eth0'), '1', 'another program has switched it on since');
    kernel.set('eth0', '0');
    assert.match(warnings()[1] ?? '', /^debug /, 'told once');
    world.nftProblem = '';
    clock.advance(60_000);
    await until(() => !existsSync(kernel.note));
    assert.equal(inForce(), 'none');
    assert.deepEqual(problems.list, []);
    assert.deepEqual(clock.waiting, []);
    const done = rules.length;

    sharing.share(REQUEST);
    await state('eth0', null);
    world.nftProblem = 'nft: Could not process rule: Device or resource busy';
    await sharing.close();
    assert.deepEqual(clock.waiting, [], 'no timer outlives it');
    assert.equal(rules.length, done + 1);
    assert.ok(existsSync(kernel.note), 'the next instance undoes it');
  });

  test('what could not be undone is no problem any more when it is wanted again', async (t) => {
    const { sharing, clock, state, world, problems } = scene(t);
    sharing.share(REQUEST);
    await state('eth0', null);
    world.nftProblem = 'nft: Could not process rule: Device or resource busy';
    sharing.withdraw();
    await until(() => problems.list.length === 1);
    world.nftProblem = '';
    sharing.share(REQUEST);
    await state('eth0', null);
    await until(() => clock.waiting.length > 0);
    assert.deepEqual(problems.list, []);
    await sharing.close();
  });

  test('what a killed instance left behind is removed, or taken over', async (t) => {
    for (const again of [false, true]) {
      const { sharing: killed, kernel, state, rules, clock, start } = scene(t);
      killed.share(REQUEST);
      await state('eth0', null);
      await until(() => existsSync(kernel.note));
      const next = start();
      next.clearLeftOver();
      if (again) {
        next.share(REQUEST);
        await until(() => next.state?.uplink === 'eth0');
        assert.equal(kernel.get(GROUP, 'eth0'), '11');
        assert.deepEqual(
          rules.filter((text) => !text.includes('{')),
          [],
          'phones keep their connections',
        );
        await next.close();
      } else {
        clock.advance(10_000);
        await until(() => !existsSync(kernel.note));
      }
      assert.equal(kernel.get('all', GROUP, 'eth0'), '000');
      assert.equal(rules.at(-1), 'table ip hostp2pd-p2p-dev-wlan0\ndelete table ip hostp2pd-p2p-dev-wlan0\n');
      assert.equal(existsSync(kernel.note), false);
    }
  });
});
