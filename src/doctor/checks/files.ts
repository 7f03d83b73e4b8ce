import { faultOfProgram, type ProgramFacts } from '../../hooks/program-check.js';
import type { Place } from '../facts.js';
import { type Check, fault, ok, type Verdict, warning } from '../finding.js';

export const fileChecks: readonly Check[] = [
  {
    id: 'log-file',
    asUser: true,
    uses: ['file'],
    looksAt: 'whether the log file can be written',
    judge: ({ files: { log } }) => {
      if (log === null) return ok('none is wanted');
      const cure = 'set file of the section logging to a place that you may write, or to null';
      if (log.taken) return warning(`${log.file} is no file: the log cannot be written`, cure);
      if (log.place.writable) return ok(log.file);
      return warning(
        `${log.file}: nothing can be made in ${log.place.nearest}`,
        `${cure}; or run hostp2pd as root`,
      );
    },
  },
  {
    id: 'pid-file',
    asUser: true,
    looksAt:
      'whether the PID file of the daemon can be made: in /var/run, or for others than root in `XDG_RUNTIME_DIR`',
    judge: ({ files: { pidFolder } }) => {
      if (typeof pidFolder !== 'string')
        return judgePlace(
          pidFolder,
          'fault',
          'run hostp2pd as root, or set XDG_RUNTIME_DIR to a folder of yours',
        );
      return warning(
        `a daemon has no place for its PID file: ${pidFolder}`,
        'log in by a session that sets it (loginctl enable-linger for a service), or run hostp2pd as root',
      );
    },
  },
  {
    id: 'state-folder',
    asUser: true,
    uses: ['state_folder'],
    looksAt: 'whether the name and passphrase of the persistent group can be kept (`state_folder`)',
    judge: ({ files: { stateFolder } }) =>
      judgePlace(stateFolder, 'warning', 'set state_folder to a folder that you may write'),
  },
  {
    id: 'runtime-folder',
    asUser: true,
    looksAt: 'whether sockets can be made: our ends of the control links, and the control socket',
    judge: ({ files: { runtimeFolder } }) =>
      judgePlace(runtimeFolder, 'fault', 'run hostp2pd as root, or set XDG_RUNTIME_DIR to a folder of yours'),
  },
  {
    id: 'hook',
    asUser: true,
    uses: ['run_program'],
    looksAt:
      'whether `run_program` is there, may be executed and read, takes no arguments, and its first line (`#!`) names a program that is there',
    judge: ({ files: { hook } }) => (hook === null ? ok('none is wanted') : judgeHook(hook)),
  },
  {
    id: 'pin-module',
    asUser: true,
    uses: ['pin_module'],
    looksAt: 'whether `pin_module` can be read; it is not run',
    judge: ({ files: { pinModule } }) => {
      if (pinModule === null) return ok('none is wanted');
      if (pinModule.readable) return ok(pinModule.path);
      return fault(
        `${pinModule.path} cannot be read`,
        'correct pin_module, or let hostp2pd read the file: chmod',
      );
    },
  },
];

function judgePlace(
  { path, nearest, writable }: Place,
  level: 'warning' | 'fault',
  cure: string,
): readonly Verdict[] {
  if (writable) return ok(path);
  const message = path === nearest ? `${path} cannot be written` : `${path} cannot be made in ${nearest}`;
  return [{ level, message, cure }];
}

function judgeHook(facts: ProgramFacts): readonly Verdict[] {
  const found = faultOfProgram(facts);
  if (found === null) return ok(facts.program);
  return fault(`run_program ${facts.program} cannot be run: ${found.reason}`, found.fix);
}
