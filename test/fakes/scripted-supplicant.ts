import type { DatagramSocket } from '#src/transport/datagram.js';
import type { DatagramNetwork } from './datagram-network.js';

/** What to answer to a command; null leaves it without a reply, undefined to the default. */
export type Script = (command: string, from: string) => string | null | undefined;

/** One interface of wpa_supplicant on a {@link DatagramNetwork}: answers by default as the real one does. */
export class ScriptedSupplicant {
  /** Commands as they came, and who sent them. */
  readonly commands: { readonly command: string; readonly from: string }[] = [];
  readonly monitors = new Set<string>();
  script: Script = () => undefined;
  readonly #network: DatagramNetwork;
  readonly #address: string;
  readonly #repliesFrom: string;
  #socket: DatagramSocket | null = null;

  /** @param repliesFrom another spelling of its path, as the kernel shows it to the receiver */
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
      const scripted = this.script(command, from);
      const reply = scripted === undefined ? this.#answer(command, from) : scripted;
      if (reply !== null) this.say(reply, from);
    });
    return this;
  }

  /** Stops without a word. */
  stop(): void {
    this.#socket?.close();
    this.monitors.clear();
  }

  emit(text: string): void {
    for (const monitor of this.monitors) this.say(`<3>${text}`, monitor);
  }

  say(text: string, to: string): void {
    try {
      this.#network.inject(text, to, this.#repliesFrom);
    } catch {
      this.monitors.delete(to);
    }
  }

  /** The texts of the commands so far, which are then forgotten. */
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
      case 'LEVEL 3':
        return this.monitors.has(from) ? 'OK\n' : 'FAIL\n';
      default:
        return 'UNKNOWN COMMAND\n';
    }
  }
}
