import type { Box } from './box.js';
import type { Lab } from './lab.js';
import type { Recorder } from './recorder.js';

/** Sends a command to an interface of the box and returns the unchanged reply. */
export type Ask = (ifname: string, command: string) => Promise<string>;

/** The same, with command and reply in the timeline and in the recording from which fixtures are made. */
export function askingBox(lab: Lab, box: Box, recorder: Recorder): Ask {
  return async (ifname, command) => {
    const reply = await (await box.on(ifname)).request(command);
    recorder.exchange(ifname, command, reply);
    lab.note(`${ifname} ${command}: ${JSON.stringify(reply)}`);
    return reply;
  };
}
