import type { DatagramSocket } from '#src/wpa/unix-datagram.js';
import type { DatagramNetwork } from './datagram-network.js';

/** The reply to a command: null for none, undefined for the default. */
type Script = (command: string, from: string) => string | null | undefined;

/** One interface of wpa_supplicant on a {@link DatagramNetwork}. By default it answers as the real one does. */
export class ScriptedSupplicant {
  /** The commands in their order, each with its sender. */
  readonly commands: { readonly command: string; readonly from: string }[] = [];
  readonly monitors = new Set<string>();
  /** Events are held back, as if another client did not read. */
  throttled = false;
  /** False: built without debug messages. */
  debugMessages = true;
  /** True: answers as hostapd does, which has no networks and no echo. */
  isHostapd = false;
  readonly #levels = new Map<string, number>();
  readonly #held: { readonly text: string; readonly to: string }[] = [];
  script: Script = () => undefined;
  readonly #network: DatagramNetwork;
  readonly #address: string;
  readonly #repliesFrom: string;
  #socket: DatagramSocket | null = null;

  /** @param repliesFrom the path that receivers see, if it is spelled differently from `address` */
  constructor(network: DatagramNetwork, address: string, repliesFrom = address) {
    this.#network = network;
    this.#address = address;
    this.#repliesFrom = repliesFrom;
  }

  start(): this {
    this.#socket = this.#network.open(this.#address, (data, from) => {
      const command = data.toString();
      if (from === null) return;
      this.commands.push({ command, from });
      this.#echo(command);
      const scripted = this.script(command, from);
      const reply = scripted === undefined ? this.#answer(command, from) : scripted;
      if (reply !== null) this.say(reply, from);
    });
    return this;
  }

  /** Ends without an event. */
  stop(): void {
    this.#socket?.close();
    this.monitors.clear();
  }

  emit(text: string): void {
    for (const monitor of this.monitors) this.#send(`<3>${text}`, monitor);
  }

  /** Sends the events that were held back; from now on events are sent at once. */
  release(): void {
    this.throttled = false;
    for (const { text, to } of this.#held.splice(0)) {
      const level = Number(text.slice(1, 2));
      if (level >= (this.#levels.get(to) ?? 3)) this.say(text, to);
    }
  }

  /** Each request causes a debug message. */
  #echo(command: string): void {
    if (!this.debugMessages || this.isHostapd || command === 'PING' || /^(AT|DE)TACH|^LEVEL/.test(command))
      return;
    for (const monitor of this.monitors) {
      const text = `<2>Control interface command '${command}'`;
      if (this.throttled || this.#levels.get(monitor) === 2) this.#send(text, monitor);
    }
  }

  #send(text: string, to: string): void {
    if (this.throttled) this.#held.push({ text, to });
    else this.say(text, to);
  }

  say(text: string, to: string): void {
    try {
      this.#network.inject(text, to, this.#repliesFrom);
    } catch {
      this.monitors.delete(to);
    }
  }

  /** Returns the commands so far and clears the list. */
  take(): string[] {
    return this.commands.splice(0).map(({ command }) => command);
  }

  #answer(command: string, from: string): string {
    switch (command) {
      case 'PING':
        return 'PONG\n';
      case 'ATTACH':
        this.monitors.add(from);
        return 'OK\n';
      case 'DETACH':
        return this.monitors.delete(from) ? 'OK\n' : 'FAIL\n';
      case 'LEVEL 2':
      case 'LEVEL 3':
        if (this.monitors.has(from)) this.#levels.set(from, Number(command.slice(-1)));
        return this.monitors.has(from) ? 'OK\n' : 'FAIL\n';
      case 'GET_NETWORK 0 mode':
        return this.isHostapd ? 'UNKNOWN COMMAND\n' : 'FAIL\n';
      default:
        return 'UNKNOWN COMMAND\n';
    }
  }
}
