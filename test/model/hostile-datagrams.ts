import assert from 'node:assert/strict';
import { hookCall } from '#src/hooks/contract.js';
import type { Effect } from '#src/session/messages.js';
import type { LinkName } from '#src/session/model.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { ControlLink, type LinkListener } from '#src/wpa/link.js';
import { CapturedLog } from '../fakes/captured-log.js';
import { DatagramNetwork } from '../fakes/datagram-network.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { ScriptedSupplicant } from '../fakes/scripted-supplicant.js';
import { seeded } from '../fakes/seeded.js';
import { SimulatedSupplicant } from '../fakes/simulated-supplicant.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { FORGED_ADDRESS, HOSTILE_TEXTS, printedEvent, printedStation } from '../fuzz/printed.js';
import { DEVICE, Dialogue } from '../unit/session/dialogue.js';
import { LINES } from '../unit/wpa/event-samples.js';

/** Characters of the state as JSON, with the phones that damaged addresses make. */
const MOST_STATE = 100_000;
/** So many datagrams arrive at once. */
const BURST = 50;
const BURST_MS = 100;
const SERVER = `/ctrl/${DEVICE}`;

/**
 * Sends datagrams through the link and the parser to a session with a group: events with hostile texts, damaged events, and
 * datagrams of other senders.
 * @throws where anything throws, a field is forged, another sender is heard, or the state grows
 */
export function hostileDatagrams(seed: number, count: number): { readonly events: number } {
  const world = new HostileWorld(seed);
  for (let sent = 0; sent < count; sent += BURST) world.burst(Math.min(BURST, count - sent));
  return { events: world.events };
}

class HostileWorld {
  /** That the session got. */
  events = 0;
  readonly #random: () => number;
  readonly #network = new DatagramNetwork();
  readonly #clock = new ManualClock();
  readonly #server = new ScriptedSupplicant(this.#network, SERVER);
  readonly #d = new Dialogue({ pin: '12345670' });
  readonly #session: SimulatedSupplicant;
  #link: LinkName = 'device';
  /** What the parser must make of the next event; null: nothing is known of it. */
  #expected: (() => void) | null = null;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#session = new SimulatedSupplicant(this.#d, {
      reply: (command) => (/^STA(?:-FIRST$| )/.test(command) ? this.#station() : undefined),
      watch: (effect) => noForgedAddress(effect),
    });
    this.#session.pass(5_000);
    assert.equal(this.#d.phase, 'running');
    const ignore = () => {};
    const listener: LinkListener = {
      ...{ up: ignore, down: ignore, missed: ignore, heldBack: ignore, heartbeat: ignore, waiting: ignore },
      event: (event) => {
        this.events++;
        this.#expected?.();
        this.#session.give({ type: 'event', link: this.#link, event });
      },
    };
    const parts = {
      open: this.#network.open,
      clock: this.#clock,
      watch: () => null,
      logger: new CapturedLog(),
    };
    const folder = ClientFolder.at(temporaryFolder());
    this.#server.start();
    new ControlLink('/ctrl', DEVICE, { ...parts, folder }, listener).open();
    this.#network.settle();
  }

  burst(count: number): void {
    for (let n = 0; n < count; n++) this.#send();
    this.#clock.advance(BURST_MS, () => this.#network.settle());
    this.#session.pass(BURST_MS);
    this.#network.sent.length = 0;
    this.#server.take();
    this.#d.steps.length = 0;
    const size = JSON.stringify(this.#d.state, (_, value) =>
      value instanceof Map ? [...value] : value,
    ).length;
    assert.ok(size < MOST_STATE, `the state has ${size} characters`);
  }

  #send(): void {
    this.#link = this.#random() < 0.5 ? 'device' : 'group';
    const kind = this.#random();
    if (kind < 0.6) {
      const { datagram, check } = printedEvent(this.#texts());
      this.#deliver(datagram, SERVER, check);
    } else if (kind < 0.9) this.#deliver(this.#damaged(), SERVER, null);
    else {
      const before = this.events;
      const from = this.#one(['/tmp/stranger', `${SERVER}0`, '/ctrl/wlan0', null]);
      this.#deliver(this.#random() < 0.5 ? this.#damaged() : Buffer.from('OK\n'), from, null);
      assert.equal(this.events, before, `a datagram from ${from} was heard`);
    }
  }

  /** To the monitor socket, if the link is attached. */
  #deliver(datagram: Buffer, from: string | null, expected: (() => void) | null): void {
    this.#expected = expected;
    for (const monitor of this.#server.monitors)
      if (this.#network.bound.includes(monitor)) this.#network.inject(datagram, monitor, from);
    this.#network.settle();
  }

  #station(): string {
    const { datagram, check } = printedStation(this.#texts());
    check();
    return datagram.toString();
  }

  /** For {@link printedEvent}: any form, and texts of hostile parts. */
  #texts(): Buffer {
    const texts = Array.from({ length: 8 }, () => {
      const parts = Array.from({ length: this.#below(4) }, () => this.#one(HOSTILE_TEXTS));
      return `${parts.join('')}\0`;
    });
    return Buffer.concat([Buffer.from([this.#below(256), this.#below(256)]), Buffer.from(texts.join(''))]);
  }

  /** A real event with a few bytes changed, left out or added. */
  #damaged(): Buffer {
    const bytes = [...Buffer.from(`<${this.#below(5)}>${this.#one(LINES).text}`)];
    for (let changes = this.#below(5); changes > 0; changes--) {
      const added = Array.from({ length: this.#below(4) }, () => this.#below(256));
      bytes.splice(this.#below(bytes.length + 1), this.#below(6), ...added);
    }
    return Buffer.from(bytes);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    assert.ok(item !== undefined);
    return item;
  }
}

/** It stands in names only, so nothing is done or said about that address. */
function noForgedAddress(effect: Effect): void {
  if (effect.type === 'request') assert.ok(!effect.command.includes(FORGED_ADDRESS), effect.command);
  if (effect.type === 'remember') assert.notEqual(effect.address, FORGED_ADDRESS);
  if (effect.type !== 'hook') return;
  const { name, args } = hookCall(effect.event, DEVICE);
  assert.ok(!args.includes(FORGED_ADDRESS), `${name} ${args.join(' ')}`);
}
