import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatagramError, type DatagramSocket, openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS } from '../fakes/within.js';

/** The reply to a command; null: no reply, undefined: the next behaviour decides. */
type Behaviour = (command: string, interfaceName: string) => string | null | undefined;

export const DEVICE = 'p2p-dev-wlan0';
export const GROUP = 'p2p-wlan0-0';
export const SSID = 'DIRECT-PP-group';

/** Datagrams as Debian's wpa_supplicant 2.10 sent them in the radio lab; only the addresses are shortened. */
export const LINES = {
  groupStarted:
    `P2P-GROUP-STARTED ${GROUP} GO ssid="${SSID}" freq=2437 passphrase="mysecretpassword" ` +
    'go_dev_addr=42:00:00:00:00:00 [PERSISTENT]',
  groupRemoved: `P2P-GROUP-REMOVED ${GROUP} GO reason=REQUESTED`,
} as const;

/**
 * A control interface on real sockets that by default answers as wpa_supplicant does; a test adds the
 * behaviour that it needs.
 */
export class FakeSupplicant {
  readonly folder: string;
  /** Every command, after its interface and a space. */
  readonly commands: string[] = [];
  readonly #sockets = new Map<string, DatagramSocket>();
  readonly #monitors = new Map<string, Set<string>>();
  readonly #queues = new Map<string, string[]>();
  readonly #behaviours: Behaviour[] = [];
  readonly #waiters: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  /** What was set; all other settings are `keypad`. Another program may change them. */
  readonly settings = new Map<string, string>();
  networks = `0\t${SSID}\tany\t[DISABLED][P2P-PERSISTENT]\n`;

  constructor(folder = temporaryFolder()) {
    this.folder = join(folder, 'ctrl');
  }

  /** Starts to serve an interface. */
  serve(...interfaces: readonly string[]): this {
    mkdirSync(this.folder, { recursive: true });
    for (const name of interfaces) {
      this.#monitors.set(name, new Set());
      const socket = openUnixDatagram(join(this.folder, name), (data, from) => {
        if (from !== null) this.#receive(name, data.toString(), from);
      });
      this.#sockets.set(name, socket);
    }
    return this;
  }

  /** The newest behaviour is asked first. */
  behave(behaviour: Behaviour): void {
    this.#behaviours.unshift(behaviour);
  }

  emit(interfaceName: string, text: string): void {
    for (const address of this.#monitors.get(interfaceName) ?? []) {
      this.#send(interfaceName, `<3>${text}`, address);
    }
  }

  /** Forgets the attached clients without an event, as can happen because of another client's full socket. */
  forgetMonitors(interfaceName: string): void {
    this.#monitors.get(interfaceName)?.clear();
  }

  attached(interfaceName: string): boolean {
    return (this.#monitors.get(interfaceName)?.size ?? 0) > 0;
  }

  /** Waits until no client is attached any more: the last datagrams of a process that has ended are read after its end. */
  detached(): Promise<void> {
    const attached = () => [...this.#monitors.keys()].filter((name) => this.attached(name));
    return this.until(
      () => attached().length === 0,
      () => `nothing attached, but there is ${attached().join()}`,
    );
  }

  /** Brings the group up as an accepted P2P_GROUP_ADD does. */
  startGroup(): void {
    this.serve(GROUP);
    this.emit(DEVICE, LINES.groupStarted);
  }

  removeGroup(line: string = LINES.groupRemoved): void {
    this.emit(DEVICE, line);
    this.#end(GROUP);
  }

  /** Ends as after SIGTERM: a last event on each interface, then no sockets. */
  terminate(): void {
    for (const name of this.#sockets.keys()) this.emit(name, 'CTRL-EVENT-TERMINATING ');
    this.close();
  }

  /** Ends as by SIGKILL: no event, and the socket files stay. */
  kill(): void {
    for (const name of [...this.#sockets.keys()]) {
      const path = join(this.folder, name);
      // Its removal would be that of an orderly end.
      renameSync(path, `${path}.aside`);
      this.#end(name);
      renameSync(`${path}.aside`, path);
    }
  }

  close(): void {
    for (const name of [...this.#sockets.keys()]) this.#end(name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Resolves when a command that matches has arrived `count` times; rejects after `ms`. */
  async saw(wanted: string | RegExp, count = 1, ms = PATIENCE_MS): Promise<void> {
    const matches = (entry: string) => (typeof wanted === 'string' ? entry === wanted : wanted.test(entry));
    const met = () => this.commands.filter(matches).length >= count;
    await this.until(met, () => `${wanted} ×${count}; came: ${this.commands.join(' | ')}`, ms);
  }

  /** Waits for a condition that is checked after every command. */
  async until(met: () => boolean, what: () => string, ms = PATIENCE_MS): Promise<void> {
    if (met()) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what()}`)), ms);
    });
    const done = new Promise<void>((resolve) => this.#waiters.push({ met, resolve }));
    await Promise.race([done, late]).finally(() => clearTimeout(timer));
  }

  #receive(interfaceName: string, command: string, from: string): void {
    const reply = this.#answer(interfaceName, command, from);
    this.commands.push(`${interfaceName} ${command}`);
    if (reply !== null) this.#send(interfaceName, reply, from);
    if (reply === 'OK\n' && /^P2P_GROUP_ADD\b/.test(command) && !this.#sockets.has(GROUP)) this.startGroup();
    for (const waiter of this.#waiters.filter((w) => w.met())) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  #answer(interfaceName: string, command: string, from: string): string | null {
    // A debug message with the request. The link uses it as proof that events arrive.
    if (/^GET hostp2pd-/.test(command))
      this.#send(interfaceName, `<2>Control interface command '${command}'`, from);
    for (const behaviour of this.#behaviours) {
      const reply = behaviour(command, interfaceName);
      if (reply !== undefined) return reply;
    }
    const monitors = this.#monitors.get(interfaceName) ?? new Set();
    const [verb, key = ''] = command.split(' ', 2);
    switch (verb) {
      case 'PING':
        return 'PONG\n';
      case 'ATTACH':
        monitors.add(from);
        return 'OK\n';
      case 'DETACH':
        return monitors.delete(from) ? 'OK\n' : 'FAIL\n';
      case 'LEVEL':
        return monitors.has(from) ? 'OK\n' : 'FAIL\n';
      case 'STATUS':
        return interfaceName === GROUP
          ? `bssid=42:00:00:00:00:01\nfreq=2437\nssid=${SSID}\nid=0\nmode=P2P GO\nwpa_state=COMPLETED\n`
          : 'wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:00:00\naddress=42:00:00:00:00:00\n';
      case 'STATUS-DRIVER':
        return 'capa.num_multichan_concurrent=2\n';
      case 'INTERFACES':
        return `${[...this.#sockets.keys()].join('\n')}\n`;
      case 'GET':
        return this.settings.get(key) ?? 'keypad';
      case 'SET':
        this.settings.set(key, command.slice(`SET ${key} `.length));
        return 'OK\n';
      case 'RECONFIGURE':
        this.settings.clear();
        return 'OK\n';
      case 'LIST_NETWORKS':
        return `network id / ssid / bssid / flags\n${this.networks}`;
      case 'ADD_NETWORK':
        return '1\n';
      case 'WPS_PIN':
        return command.split(' ')[2] ?? 'FAIL\n';
      case 'STA-FIRST':
      case 'STA-NEXT':
        return '';
      case 'STA':
        return 'FAIL\n';
      default:
        return 'OK\n';
    }
  }

  #send(interfaceName: string, text: string, to: string): void {
    const queue = this.#queues.get(to);
    if (queue) {
      queue.push(text);
      return;
    }
    try {
      this.#sockets.get(interfaceName)?.send(text, to);
    } catch (error) {
      if (error instanceof DatagramError && error.code === 'EAGAIN') {
        // As wpa_supplicant does: keep it and try again in 20 ms.
        this.#queues.set(to, [text]);
        setTimeout(() => this.#flush(interfaceName, to), 20);
      } else {
        // The client has gone; wpa_supplicant would drop it too.
        this.#monitors.get(interfaceName)?.delete(to);
      }
    }
  }

  #flush(interfaceName: string, to: string): void {
    const texts = this.#queues.get(to) ?? [];
    this.#queues.delete(to);
    for (const text of texts) this.#send(interfaceName, text, to);
  }

  #end(interfaceName: string): void {
    // A wpa_supplicant that is started again knows its file only.
    if (interfaceName === DEVICE) this.settings.clear();
    this.#sockets.get(interfaceName)?.close();
    this.#sockets.delete(interfaceName);
    this.#monitors.delete(interfaceName);
  }
}
