import { deviceLabel } from './facts.js';
import type { Enrolment } from './model.js';
import type { Turn } from './turn.js';

/** What a person has to do for a phone: show it a PIN, or type the one that it shows. */

/** A minute brings no more people than this to a box; more are a flood, which would drown the other hooks. */
const MAX_PROMPTS = 20;
const PROMPTS_MS = 60_000;

/** Shows the PIN that was made for this phone, or asks for the one that it shows, where either is the case. */
export function prompt(turn: Turn, { deviceAddress, name, method, pin, fresh }: Enrolment): void {
  const shown = fresh ? pin : null;
  const wanted = method === 'keypad' && pin === null;
  if ((shown === null && !wanted) || !mayPrompt(turn)) return;
  const station = { deviceAddress, name };
  if (shown === null) {
    turn.log(
      'info',
      `${deviceLabel(deviceAddress, name)} shows a PIN: type it with "hostp2pd pin ${deviceAddress} <PIN>", or at the ` +
        `prompt with "pin ${deviceAddress} <PIN>"`,
    );
    turn.hook({ hook: 'enter_pin', station });
    turn.emit({ type: 'pinWanted', deviceAddress, name });
  } else {
    turn.log('info', `PIN for ${deviceLabel(deviceAddress, name)}: ${shown}`);
    turn.hook({ hook: 'show_pin', station, pin: shown });
    turn.emit({ type: 'pinShown', deviceAddress, name, pin: shown });
  }
}

/** Whether a person may be bothered with one more PIN. */
function mayPrompt(turn: Turn): boolean {
  const { since, count } = turn.state.prompts;
  const fresh = turn.world.now - since >= PROMPTS_MS;
  turn.update({ prompts: fresh ? { since: turn.world.now, count: 1 } : { since, count: count + 1 } });
  if (!fresh && count === MAX_PROMPTS)
    turn.log('warning', 'more requests than people make: no PIN is shown or asked for just now');
  return fresh || count < MAX_PROMPTS;
}
