import { request } from 'node:http';
import type { TestContext } from 'node:test';
import type { PanelView } from '#src/panel/view.js';
import { PATIENCE_MS, within } from '../fakes/within.js';
import { ask, type Reply } from './control-support.js';
import { DEVICE, type FakeSupplicant, GROUP, SSID } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import type { Program } from './program.js';
import { eventually, supplicant } from './support.js';

export const PASSPHRASE = 'mysecretpassword';

/** The real panel as a process, for a daemon as a process, on a fake wpa_supplicant. */
export class PlayedPanel {
  readonly fake: FakeSupplicant;
  readonly place: Place;
  program: Program;
  readonly #options: readonly string[];
  readonly #configuration: string;
  readonly #nodeOptions: string;
  #pid = 0;
  port = 0;
  token = '';

  private constructor(
    t: TestContext,
    options: readonly string[],
    lines: readonly string[],
    nodeOptions = '',
  ) {
    this.#nodeOptions = nodeOptions;
    this.fake = supplicant(t);
    answerAsGroup(this.fake);
    this.place = new Place(t);
    this.#configuration = configuration(t, this.fake, lines);
    this.#options = options;
    this.program = this.#start(0);
  }

  static async start(
    t: TestContext,
    {
      options = [],
      lines = ['pin: random'],
      preload = {},
    }: {
      options?: readonly string[];
      lines?: readonly string[];
      /** Of `preloaded`. */
      preload?: { readonly NODE_OPTIONS?: string };
    } = {},
  ): Promise<PlayedPanel> {
    const played = new PlayedPanel(t, options, lines, preload.NODE_OPTIONS);
    await played.#listens();
    await played.startDaemon();
    return played;
  }

  #start(port: number): Program {
    const args = ['panel', '--listen', `127.0.0.1:${port}`, ...this.#options];
    // As the unit does.
    return this.place.start(args, {
      input: null,
      env: { NODE_OPTIONS: `--max-semi-space-size=1 ${this.#nodeOptions}` },
    });
  }

  async #listens(): Promise<void> {
    await this.program.wrote(/token for operators/);
    const { stdout } = this.program;
    this.port = Number(/panel at http:\/\/127\.0\.0\.1:(\d+)\//.exec(stdout)?.[1]);
    this.token = /token for operators: (\S+)$/m.exec(stdout)?.[1] ?? '';
  }

  /** Ends the panel and starts it again at the same address, when `between` is done. It has another token then. */
  async restart(between: () => Promise<void>): Promise<void> {
    this.program.signal('SIGTERM');
    await this.program.ended();
    await between();
    this.program = this.#start(this.port);
    await this.#listens();
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async startDaemon(): Promise<void> {
    this.#pid = await this.place.daemon(['-c', this.#configuration, '-i', DEVICE]);
    await this.fake.saw(`${GROUP} STA-FIRST`);
  }

  async endDaemon(): Promise<void> {
    process.kill(this.#pid, 'SIGTERM');
    await eventually(
      () => this.place.pidFiles().length === 0,
      () => 'the end of the daemon',
    );
    this.fake.commands.length = 0;
  }

  get pid(): number {
    return this.program.child.pid ?? 0;
  }

  /** It is found by a search. Only then is its name known when it connects. */
  appears(number: number, name = `Phone ${number}`): void {
    const { device } = addresses(number);
    this.fake.emit(DEVICE, `P2P-DEVICE-FOUND ${device} ${facts(device, name)}`);
  }

  connect(number: number): void {
    const { device, station } = addresses(number);
    for (const socket of [DEVICE, GROUP])
      this.fake.emit(socket, `AP-STA-CONNECTED ${station} p2p_dev_addr=${device}`);
  }

  /** It asks for a PIN to type on it. */
  asksForPin(number: number, name = `Phone ${number}`): void {
    const { device } = addresses(number);
    this.fake.emit(DEVICE, `P2P-PROV-DISC-SHOW-PIN ${device} 99129897 ${facts(device, name)} group=${GROUP}`);
  }

  /** It shows a PIN. */
  showsPin(number: number, name = `Phone ${number}`): void {
    const { device } = addresses(number);
    this.fake.emit(DEVICE, `P2P-PROV-DISC-ENTER-PIN ${device} ${facts(device, name)} group=${GROUP}`);
  }
}

export function addresses(number: number): { readonly device: string; readonly station: string } {
  const tail = `00:00:00:01:${number.toString(16).padStart(2, '0')}`;
  return { device: `42:${tail}`, station: `46:${tail}` };
}

function facts(device: string, name: string): string {
  return (
    `p2p_dev_addr=${device} pri_dev_type=10-0050F204-5 name='${name}' config_methods=0x188 dev_capab=0x25 ` +
    'group_capab=0x0'
  );
}

/** The passphrase, the known phones, and a signal for each station. */
function answerAsGroup(fake: FakeSupplicant): void {
  let asked = 0;
  fake.behave((command) => {
    const [verb, first] = command.split(' ');
    if (verb === 'P2P_GET_PASSPHRASE') return `${PASSPHRASE}\n`;
    if (verb === 'GET_NETWORK' && command.endsWith('p2p_client_list')) return addresses(99).device;
    if (verb !== 'STA' || first === undefined) return undefined;
    const signal = -45 - ((asked++ * 7) % 23);
    return `${first}\nsignal=${signal}\nrx_bytes=${48_211 * asked}\ntx_bytes=${901_332 * asked}\nconnected_time=412\n`;
  });
}

export function act(
  port: number,
  action: object,
  token: string | null,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return ask(port, '/actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    body: JSON.stringify(action),
  });
}

/** An open page: the views that it has received. */
export class Views {
  readonly #call: ReturnType<typeof request>;
  latest: PanelView | null = null;
  count = 0;
  status = 0;
  closed = false;

  constructor(t: TestContext, port: number, headers: Record<string, string> = {}) {
    let text = '';
    this.#call = request({ host: '127.0.0.1', port, path: '/live', headers, agent: false }, (response) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          this.latest = JSON.parse(block.replace(/^data: /, ''));
          this.count++;
        }
      });
      response.on('error', () => {});
      response.on('close', () => {
        this.closed = true;
      });
    });
    this.#call.on('error', () => {
      this.closed = true;
    });
    this.#call.end();
    t.after(() => this.#call.destroy());
  }

  end(): void {
    this.#call.destroy();
  }

  until(met: (view: PanelView) => boolean, what: string): Promise<void> {
    return within(
      PATIENCE_MS,
      () => `${what}: ${JSON.stringify(this.latest)}`,
      () => this.latest !== null && met(this.latest),
    );
  }
}

export { SSID };
