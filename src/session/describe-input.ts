import type { Input } from './messages.js';

/** An input of the session machine in a few words, for the line that logs a change of phase. */
export function describeInput(input: Input): string {
  switch (input.type) {
    case 'event':
      return input.event.type === 'unknown' ? input.event.name : input.event.type;
    case 'reply':
    case 'no-reply':
      return `${input.type} to ${input.tag.kind}`;
    case 'timer':
      return `timer ${input.timer}`;
    case 'hook-done':
      return `hook ${input.hook} done`;
    case 'link-up':
    case 'link-down':
    case 'link-missed':
    case 'link-deaf':
    case 'link-waiting':
      return `${input.link} ${input.type}`;
    default:
      return input.type;
  }
}
