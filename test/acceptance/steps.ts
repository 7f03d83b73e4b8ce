/** What a person with a box and a phone tries, as data. `run-step.ts` carries it out. */

/** What the box does before the person begins. */
export type Action =
  /**
   * Nothing, if the settings admit phones by that method. "hostp2pd pair" is no help: Android takes the method that the box
   * offers in its beacons, which follows from the settings.
   */
  | { readonly kind: 'admit'; readonly method: 'pin' | 'pbc' }
  /** Shows name and passphrase of the group, and the QR code. */
  | { readonly kind: 'show-network' }
  | { readonly kind: 'restart'; readonly what: 'hostp2pd' | 'wpa_supplicant' }
  /** Moves the group to another channel, and back afterwards. */
  | { readonly kind: 'switch-channel' };

/** Events of hostp2pd (`hostp2pd events`). */
interface Pattern {
  readonly event: string;
  /** Fields that the event must have. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Of an event about a station: whether it came by Wi-Fi Direct, or as an ordinary Wi-Fi station. */
  readonly station?: 'wifi-direct' | 'ordinary';
  /** How many of them, since the step began; default 1. */
  readonly times?: number;
}

/** Something that can be seen on the box: the last event of one of the patterns. */
export interface Expected {
  readonly anyOf: readonly Pattern[];
  /** In words, for the person and for the report. */
  readonly says: string;
}

export interface Question {
  readonly text: string;
  readonly expected: 'yes' | 'no';
}

export interface Step {
  /** For `--only`. The letters are those of native-notes/android.md. */
  readonly name: string;
  readonly title: string;
  /** Asked first: the step does not run if the answer is no. */
  readonly permission?: string;
  readonly action?: Action;
  /** What the person does, one line for each thing. */
  readonly instructions: readonly string[];
  /** These events, in this order. */
  readonly expect: readonly Expected[];
  /** These must not come meanwhile. */
  readonly never?: readonly Expected[];
  /** The phone of the last step must be connected, without an action of the person, and at most this long after the action. */
  readonly backWithinSeconds?: number;
  /** Asked when the events have come. */
  readonly questions: readonly Question[];
  /** Only while a phone is connected by Wi-Fi Direct. */
  readonly needsPhone?: true;
  /** The device that joins gets an IPv4 address, if hostp2pd gives addresses. */
  readonly getsAddress?: true;
}

/** How long the box waits for a person and a phone. */
export const STEP_SECONDS = 180;

const asks = (method: 'display' | 'keypad' | 'pbc', how: string): Expected => ({
  anyOf: [{ event: 'enrolmentRequested', fields: { method } }],
  says: `the phone asks to join by ${how}`,
});
const JOINS: Expected = {
  anyOf: [{ event: 'stationConnected', station: 'wifi-direct' }],
  says: 'the phone is connected',
};
const LEAVES: Expected = { anyOf: [{ event: 'stationDisconnected' }], says: 'the phone has left' };
const ASKS: Expected = { anyOf: [{ event: 'enrolmentRequested' }], says: 'the phone asks to join again' };
const STILL_CONNECTED: Question = {
  text: 'Does the phone still show the box as connected?',
  expected: 'yes',
};
/** Android leaves a group whose owner is gone for longer, and does not come back by itself. */
const ANDROID_WAITS_SECONDS = 10;

const FORGET =
  'Android phone, Settings > Wi-Fi > Wi-Fi Direct: if the box is under "Remembered groups", tap it and choose "Forget".';

export const STEPS: readonly Step[] = [
  {
    name: 'D',
    title: 'a phone asks for the PIN, and its user cancels',
    action: { kind: 'admit', method: 'pin' },
    instructions: [
      FORGET,
      'On the same screen, tap the box. The phone asks for a PIN.',
      'Wait ten seconds, then press "Cancel". Do nothing else.',
    ],
    expect: [
      asks('display', 'PIN'),
      {
        // Android asks once more. A PIN that was made for the phone is then shown again, any other one is withdrawn.
        anyOf: [
          { event: 'enrolmentFailed', fields: { cause: 'cancelled' } },
          { event: 'pinShown', times: 2 },
        ],
        says: 'the phone has cancelled',
      },
    ],
    questions: [],
  },
  {
    name: 'A',
    title: 'a new phone joins by PIN',
    action: { kind: 'admit', method: 'pin' },
    instructions: ['Wait ten seconds, then tap the box again. The phone asks for a PIN.', 'Type the PIN.'],
    expect: [asks('display', 'PIN'), JOINS],
    getsAddress: true,
    questions: [{ text: 'Does the phone show the box as connected?', expected: 'yes' }],
  },
  {
    name: 'internet',
    title: 'the phone keeps its mobile data',
    needsPhone: true,
    instructions: ['Switch the mobile data of the phone on, and open a web page that you have not open yet.'],
    expect: [],
    questions: [{ text: 'Does the page open? (n also if the phone has no mobile data)', expected: 'yes' }],
  },
  {
    name: 'B',
    title: 'the phone returns without a PIN',
    needsPhone: true,
    instructions: ['On the Wi-Fi Direct screen, tap the box and disconnect.', 'Then tap the box again.'],
    expect: [LEAVES, JOINS],
    never: [ASKS],
    questions: [{ text: 'Did the phone ask for a PIN?', expected: 'no' }],
  },
  {
    name: 'G',
    title: 'the phone stays when hostp2pd is restarted',
    needsPhone: true,
    action: { kind: 'restart', what: 'hostp2pd' },
    instructions: [],
    expect: [],
    // The group stays up meanwhile, so it does not matter how long it takes.
    backWithinSeconds: STEP_SECONDS,
    questions: [STILL_CONNECTED],
  },
  {
    name: 'G-channel',
    title: 'the phone follows the group to another channel',
    needsPhone: true,
    action: { kind: 'switch-channel' },
    instructions: [],
    expect: [],
    backWithinSeconds: ANDROID_WAITS_SECONDS,
    questions: [STILL_CONNECTED],
  },
  {
    name: 'G-supplicant',
    title: 'the phone comes back when wpa_supplicant is restarted',
    needsPhone: true,
    permission:
      "wpa_supplicant is restarted now. That also interrupts the box's own Wi-Fi, and your session if you came by it. May it?",
    action: { kind: 'restart', what: 'wpa_supplicant' },
    instructions: [],
    expect: [],
    backWithinSeconds: ANDROID_WAITS_SECONDS,
    questions: [STILL_CONNECTED],
  },
  {
    name: 'off',
    title: 'the box notices a phone whose Wi-Fi is switched off',
    needsPhone: true,
    instructions: ['Switch the Wi-Fi of the phone off.'],
    expect: [LEAVES],
    questions: [],
  },
  {
    name: 'A-button',
    title: 'a new phone joins by push button',
    action: { kind: 'admit', method: 'pbc' },
    instructions: ['Switch the Wi-Fi of the phone on.', FORGET, 'On the same screen, tap the box.'],
    expect: [asks('pbc', 'push button'), JOINS],
    getsAddress: true,
    questions: [{ text: 'Did the phone ask for a PIN?', expected: 'no' }],
  },
  {
    name: 'C',
    title: 'an app joins by name and passphrase',
    permission: 'Do you have an Android app that joins a Wi-Fi Direct group by its name and passphrase?',
    action: { kind: 'show-network' },
    instructions: ['If the phone is connected, disconnect it.', 'Let the app join with these values.'],
    expect: [JOINS],
    never: [ASKS],
    questions: [{ text: 'Does the app say that it is connected?', expected: 'yes' }],
  },
  {
    name: 'iphone',
    title: 'an iPhone joins by the QR code',
    permission: 'Do you have an iPhone, or another device that joins ordinary Wi-Fi networks by a QR code?',
    action: { kind: 'show-network' },
    instructions: ['Scan the code with the camera of the device, and let it join the network.'],
    expect: [
      {
        anyOf: [{ event: 'stationConnected', station: 'ordinary' }],
        says: 'the device is connected as an ordinary station',
      },
    ],
    getsAddress: true,
    questions: [{ text: 'Does the device show the network as connected?', expected: 'yes' }],
  },
  {
    name: 'windows',
    title: 'Windows 11 joins, and shows a PIN that is typed on the box',
    permission: 'Do you have a Windows 11 computer with Wi-Fi?',
    instructions: [
      'Settings > Bluetooth & devices > Add device > Everything else: choose the box.',
      'If Windows shows a PIN, type it here when you are asked for it. If it wants one, type the PIN of the box there.',
    ],
    expect: [JOINS],
    questions: [{ text: 'Does Windows show the box as connected?', expected: 'yes' }],
  },
];

/** The steps with these names, in the order of the list. Throws on an unknown name. */
export function chosenSteps(names: readonly string[] | undefined): readonly Step[] {
  if (names === undefined) return STEPS;
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined)
    throw new Error(`--only: expected names of ${STEPS.map(({ name }) => name).join(', ')}, got ${unknown}`);
  return STEPS.filter(({ name }) => names.includes(name));
}

/** Whether the last of these events, which are all since the step began, is the expected one. */
export function meets({ anyOf }: Expected, seen: readonly SeenEvent[]): boolean {
  const last = seen.at(-1);
  return anyOf.some((pattern) => {
    const matching = seen.filter((event) => matches(pattern, event));
    return last !== undefined && matching.at(-1) === last && matching.length >= (pattern.times ?? 1);
  });
}

function matches({ event, fields = {}, station }: Pattern, seen: SeenEvent): boolean {
  if (seen.type !== event) return false;
  if (Object.entries(fields).some(([key, value]) => seen[key] !== value)) return false;
  return station === undefined || station === (deviceOf(seen) === null ? 'ordinary' : 'wifi-direct');
}

/** An event as the control socket sends it. */
export interface SeenEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The device address of the station that the event is about; null: an ordinary station, or none. */
export function deviceOf({ station }: SeenEvent): string | null {
  if (typeof station !== 'object' || station === null || !('deviceAddress' in station)) return null;
  return typeof station.deviceAddress === 'string' ? station.deviceAddress : null;
}
