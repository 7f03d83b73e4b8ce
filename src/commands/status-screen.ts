import { isWellKnownPin } from '../config/known-pins.js';
import { type Style, unstyled } from '../system/colours.js';
import { printable } from '../system/names.js';
import { fillLines } from '../system/wrap.js';
import type { RunOptions } from './command.js';
import {
  detailsOf,
  type ReportedAddresses,
  type ReportedAdmission,
  type ReportedStatus,
  type StatusDetails,
  statusOf,
} from './daemon-answers.js';
import { stationLines } from './station-table.js';
import {
  enrolmentText,
  frequencyText,
  noGroupText,
  phaseText,
  problemText,
  sinceText,
  ssidText,
} from './status-text.js';
import { displayWidth } from './text-table.js';

/** What the command `status` prints. Not loaded by a daemon unless a client asks it for the text. */

interface Fact {
  readonly label: string;
  readonly text: string;
  readonly style?: Style | undefined;
}

/** Why no group is up, where nothing is wrong. */
const NO_FAULT: ReadonlySet<string | null> = new Set([
  ...['starting', 'forming', 'awaiting-station', 'paused', 'stopped', 'on-demand', 'ending'],
]);

/**
 * @param answer of `/v1/status?details=true`
 */
export function statusScreen(answer: unknown, options: RunOptions = {}): string {
  const status = statusOf(answer);
  if (status === null) return 'no status: the answer is from another version of hostp2pd';
  const details = detailsOf(answer);
  const { list, stations: count } = details;
  const lines = factLines(
    [
      ...stateFacts(status, details),
      ...groupFacts(status, details),
      ...addressFacts(details),
      ...processFacts(status, details),
      { label: 'stations', text: count === null ? 'unknown' : String(count) },
    ],
    options,
  );
  if (list === null || list.length === 0) return lines.join('\n');
  const { columns: room, paint } = options;
  return [...lines, ...stationLines(list, { title: 'Name', room, paint, brief: true })].join('\n');
}

/** The state, and what is wrong. */
function stateFacts(status: ReportedStatus, { cause }: StatusDetails): Fact[] {
  const { attached, paused, groupStopped, problems, group } = status;
  const isWrong = group === null && !NO_FAULT.has(cause);
  const failing = problems.filter(({ subject }) => subject !== 'admission');
  return [
    {
      label: 'phase',
      text: phaseText(status),
      style: attached && !paused && !groupStopped && !isWrong ? 'good' : 'warning',
    },
    ...problems.map((problem): Fact => {
      return { label: 'problem', text: problemText(problem), style: 'warning' };
    }),
    ...(isWrong || failing.length > 0
      ? [{ label: 'try', text: 'hostp2pd doctor: it finds the cause, and says what to do' }]
      : []),
  ];
}

function groupFacts(status: ReportedStatus, { groupSince, technique, admission }: StatusDetails): Fact[] {
  const { group, noGroup, enrolling } = status;
  const profile = group && (group.networkId === null ? '' : `, network id ${group.networkId}`);
  return [
    ...(group === null
      ? [{ label: 'group', text: noGroupText(noGroup) }]
      : [
          { label: 'group', text: `${group.interface}${sinceText(groupSince)}` },
          { label: 'SSID', text: ssidText(group), style: 'strong' as const },
          { label: 'frequency', text: frequencyText(group.frequency) },
        ]),
    ...(technique === null ? [] : [{ label: 'technique', text: `${technique}${profile ?? ''}` }]),
    ...(admission === null
      ? []
      : [{ label: 'admission', text: admissionText(admission), style: 'strong' as const }]),
    ...enrolling.map((enrolment): Fact => {
      return { label: 'joining', text: enrolmentText(enrolment), style: 'strong' };
    }),
  ];
}

/** `by PIN 5210 7733`, `by button for 74 s` */
export function admissionText({
  method,
  pin,
  pinFrom,
  deviceAddress,
  secondsLeft,
}: ReportedAdmission): string {
  if (method === null) return 'no phone can join now';
  const time = secondsLeft === null ? '' : ` for ${secondsLeft} s`;
  const who = deviceAddress === null ? '' : ` (${deviceAddress})`;
  if (method === 'pbc')
    return pinFrom === null
      ? `by button${time}${who}`
      : `by button, if listed in pbc_white_list; others ${pinText(pin, pinFrom)}`;
  return pinText(pin, pinFrom, `${time}${who}`);
}

function pinText(pin: string | null, pinFrom: string | null, limits = ''): string {
  const known =
    pinFrom === 'setting' && pin !== null && isWellKnownPin(pin)
      ? ', which everybody knows: set pin to random'
      : '';
  if (pin !== null) return `by PIN ${pin.replace(/^(\d{4})(\d{4})$/, '$1 $2')}${limits}${known}`;
  return pinFrom === 'pin_module'
    ? 'by PIN: pin_module gives one for each phone'
    : 'by PIN: a new one for each phone, shown here when it asks';
}

function addressFacts({ addresses, withoutAddress }: StatusDetails): Fact[] {
  const unserved = addresses ? `got no address from ${addresses.mode}` : 'has no address (addressing: none)';
  const stations = withoutAddress.map((address): Fact => {
    return { label: 'no address', text: `${address} ${unserved}`, style: 'warning' };
  });
  if (addresses === null) return stations;
  const { internet } = addresses;
  return [
    { label: 'addresses', text: servingText(addresses) },
    ...(internet === null ? [] : [{ label: 'internet', text: internetText(internet) }]),
    ...stations,
  ];
}

function servingText({ mode, serving, problem, interface: name, leases }: ReportedAddresses): string {
  if (serving) return `${mode} on ${name}, leases: ${leases}`;
  return problem === null ? `${mode} is starting` : `${mode} does not run`;
}

function internetText({ uplink, problem }: NonNullable<ReportedAddresses['internet']>): string {
  if (uplink === null) return problem === null ? 'about to be shared' : `not shared: ${problem}`;
  return problem === null ? `shared over ${uplink}` : `shared over ${uplink}, but ${problem}`;
}

function processFacts({ interface: name, attached }: ReportedStatus, details: StatusDetails): Fact[] {
  const { configuration, hook, logFile, logLevel, recording, started, pid, version } = details;
  const since = sinceText(started).replace(' since ', '');
  return [
    { label: 'interface', text: name ?? 'not found yet' },
    ...(attached ? [] : [{ label: 'wpa_supplicant', text: 'not attached' }]),
    // A daemon of a version that reports none of them.
    ...(configuration === null
      ? []
      : [
          { label: 'configuration', text: configuration },
          { label: 'hook', text: hook ?? 'none' },
          { label: 'log', text: `${logFile ?? 'no file'}${logLevel === null ? '' : `, level ${logLevel}`}` },
        ]),
    ...(recording === null ? [] : [{ label: 'recording', text: recording }]),
    ...(started === null ? [] : [{ label: 'started', text: `${since}, pid ${pid}, version ${version}` }]),
  ];
}

/** The values begin in the same column in all states. */
const LABEL_COLUMNS = 'wpa_supplicant:  '.length;

function factLines(facts: readonly Fact[], { columns, paint = unstyled }: RunOptions): string[] {
  const indent = ' '.repeat(LABEL_COLUMNS);
  return facts.flatMap(({ label, text, style }) => {
    const shown = printable(text);
    const lines =
      columns === undefined ? [shown] : fillLines(shown.split(' '), columns - LABEL_COLUMNS, displayWidth);
    return lines.map((line, place) => {
      const head = place === 0 ? paint('label', `${label}:`) + indent.slice(label.length + 1) : indent;
      return head + (style === undefined ? line : paint(style, line));
    });
  });
}
