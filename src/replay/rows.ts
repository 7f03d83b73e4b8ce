import { eventText } from '../host/event-text.js';
import { inputText, noticeText } from '../host/notice-text.js';
import { publicEvent } from '../host/public-event.js';
import { whyRefused } from '../host/refusal-text.js';
import { escapeControl } from '../logging/logger.js';
import type { Recording, Segment } from '../recording/format.js';
import type { Effect, Input, Tag } from '../session/messages.js';
import { messageOf } from '../system/errors.js';

/** A recording in rows for people: who tells whom what, and when. */

export type Party = 'phone' | 'wpa_supplicant' | 'hostp2pd' | 'hook' | 'operator';

export interface Row {
  readonly time: Date;
  /** Seconds since the recording began. */
  readonly seconds: number;
  readonly kind:
    | 'start'
    | 'event'
    | 'reply'
    | 'request'
    | 'link'
    | 'timer'
    | 'input'
    | 'phase'
    | 'hook'
    | 'command'
    | 'report'
    | 'log';
  readonly from: Party;
  /** The same as `from` for what concerns one party alone. */
  readonly to: Party;
  /** One line. */
  readonly text: string;
}

type Line = Pick<Row, 'kind' | 'from' | 'to' | 'text'>;

/** All rows of a recording, in order. */
export function rowsOf({ segments }: Recording): Row[] {
  const begin = segments[0]?.head.time.getTime() ?? 0;
  return segments.flatMap((segment) => {
    const { head, steps } = segment;
    const at = (ms: number, line: Line): Row => {
      const time = new Date(head.time.getTime() + ms - head.at);
      return { ...line, time, seconds: (time.getTime() - begin) / 1000 };
    };
    return [
      at(head.at, beginning(segment)),
      ...steps.flatMap((step) => shown(step).map((line) => at(step.at, line))),
    ];
  });
}

function beginning({ head }: Segment): Line {
  const { version, deviceInterface, state } = head;
  const on = deviceInterface === '' ? '' : ` on ${deviceInterface}`;
  return own('start', escapeControl(`hostp2pd ${version}${on}, ${state.phase.name}`));
}

/** Another version can have written what this one does not know. */
function shown(step: Segment['steps'][number]): Line[] {
  try {
    return linesOf(step).map((line) => ({ ...line, text: escapeControl(line.text) }));
  } catch (error) {
    return [own('log', `line ${step.line} cannot be shown: ${escapeControl(messageOf(error))}`)];
  }
}

function linesOf({ input, text, effects, phase, thrown }: Segment['steps'][number]): Line[] {
  return [
    ...lineOfInput(input, text),
    ...(phase === undefined ? [] : [own('phase', phase)]),
    ...(thrown === undefined ? [] : [own('log', `internal error: ${thrown}`)]),
    ...effects.flatMap(lineOfEffect),
  ];
}

function lineOfInput(input: Input, text: string | undefined): Line[] {
  switch (input.type) {
    case 'event': {
      const { event, link } = input;
      const named = 'address' in event || 'deviceAddress' in event || 'from' in event;
      const ofPhone = named || event.type === 'RX-PROBE-REQUEST';
      return [
        told('event', ofPhone ? 'phone' : 'wpa_supplicant', 'hostp2pd', onLink(link, text ?? event.type)),
      ];
    }
    case 'reply':
      return [told('reply', 'wpa_supplicant', 'hostp2pd', `${labelOf(input.tag)}: ${short(input.reply)}`)];
    case 'no-reply':
      return [told('reply', 'wpa_supplicant', 'hostp2pd', `${labelOf(input.tag)}: none, ${input.reason}`)];
    case 'hook-done':
      return [told('hook', 'hook', 'hostp2pd', `${input.hook} done`)];
    case 'operator': {
      const { kind, ...rest } = input.command;
      const values = Object.values(rest).filter((value) => value !== null);
      return [told('command', 'operator', 'hostp2pd', [kind, ...values].join(' '))];
    }
    case 'operator-gone':
      return [told('command', 'operator', 'hostp2pd', 'gone')];
    case 'timer':
      return [own('timer', input.timer)];
    case 'pulse':
      return [];
    case 'pin':
      return [told('hook', 'hook', 'hostp2pd', `PIN ${input.pin ?? `refused: ${input.reason}`}`)];
    case 'link-up':
    case 'link-down':
    case 'link-missed':
    case 'link-held-back':
    case 'link-waiting': {
      const reason = 'reason' in input ? `: ${input.reason}` : '';
      return [told('link', 'wpa_supplicant', 'hostp2pd', inputText(input) + reason)];
    }
    default:
      return [own('input', inputText(input))];
  }
}

function lineOfEffect(effect: Effect): Line[] {
  switch (effect.type) {
    case 'request':
      return [told('request', 'hostp2pd', 'wpa_supplicant', onLink(effect.link, effect.command))];
    case 'hook': {
      const { event } = effect;
      const about = 'station' in event ? ` ${event.station.name ?? event.station.deviceAddress ?? ''}` : '';
      return [told('hook', 'hostp2pd', 'hook', event.hook + about)];
    }
    case 'answer': {
      const { answer } = effect;
      return [told('command', 'hostp2pd', 'operator', answer.ok ? 'ok' : whyRefused(answer.reason))];
    }
    case 'emit':
      return [own('report', eventText(publicEvent(effect.event)))];
    case 'log':
      return effect.level === 'debug' ? [] : [own('log', `${effect.level}: ${noticeText(effect.notice)}`)];
    case 'fail':
      return [own('log', `error: ${effect.code} ${effect.interface}`)];
    default:
      return [];
  }
}

function told(kind: Row['kind'], from: Party, to: Party, text: string): Line {
  return { kind, from, to, text };
}

function own(kind: Row['kind'], text: string): Line {
  return told(kind, 'hostp2pd', 'hostp2pd', text);
}

function onLink(link: string, text: string): string {
  return link === 'device' ? text : `${link}: ${text}`;
}

/** What a reply is about. */
function labelOf(tag: Tag): string {
  if (tag.kind === 'noted') return tag.purpose;
  return tag.kind === 'value' ? tag.key : tag.kind;
}

/** The first line of a reply. */
function short(reply: string): string {
  const lines = reply.split('\n').filter((line) => line !== '');
  const more = lines.length > 1 ? ` … (${lines.length} lines)` : '';
  return `${lines[0] ?? 'nothing'}${more}`;
}
