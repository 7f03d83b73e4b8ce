import type { Box } from './box.js';
import type { Lab } from './lab.js';
import type { Recorder } from './recorder.js';

/** Asks an interface of the box and returns the reply as it came. */
export type Ask = (ifname: string, command: string) => Promise<string>;

/** Asks so that question and reply are in the timeline and in the recording, which fixtures are made of. */
export function askingBox(lab: Lab, box: Box, recorder: Recorder): Ask {
  return async (ifname, command) => {
    const reply = await (await box.on(ifname)).request(command);
    recorder.exchange(ifname, command, reply);
    lab.note(`${ifname} ${command}: ${JSON.stringify(reply)}`);
    return reply;
  };
}
