import assert from 'node:assert/strict';
import { parseRecording, type Recording } from '#src/recording/format.js';
import { diagram } from '#src/replay/diagram.js';
import { firstDifference } from '#src/replay/playback.js';
import { rowsOf } from '#src/replay/rows.js';
import { timeline } from '#src/replay/timeline.js';
import { HostP2pError } from '#src/system/errors.js';

/** Any text as a recording: it is refused in words, or all that `replay` can do with it works. */
export function fuzz(data: Uint8Array): void {
  const recording = read(Buffer.from(data).toString());
  if (!recording) return;
  for (const segment of recording.segments) firstDifference(segment);
  const rows = rowsOf(recording);
  timeline(rows);
  diagram(rows);
}

function read(text: string): Recording | null {
  try {
    return parseRecording(text);
  } catch (error) {
    assert.ok(error instanceof HostP2pError && error.code === 'USAGE', String(error));
    assert.match(error.message, /expected .+, got |unknown setting/s);
    return null;
  }
}
