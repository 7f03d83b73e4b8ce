import { programProblem } from '../../hooks/program-check.js';
import { NODE_FIX, nodeIsTooOld } from '../../system/node-version.js';
import type { Facts, Folder, OwnLog } from '../facts.js';
import { blocked, error, ok, type Verdicts, warning } from '../report.js';

/** Checks of what hostp2pd itself needs: Node.js, its native module, its files, and the programs that it runs. */

export function nodeVersion({ nodeVersion: version, machine: { system } }: Facts): Verdicts {
  if (!nodeIsTooOld(version)) return ok(`Node.js ${version}`);
  const whose = system === null ? '' : ` (on ${system})`;
  return error(`Node.js ${version} is too old${whose}`, NODE_FIX);
}

export function addon({ addonProblem, nodeVersion: version }: Facts): Verdicts {
  if (addonProblem === null) return ok('loaded');
  // Compiling it for a Node.js that is too old would not help.
  if (nodeIsTooOld(version)) return blocked('this Node.js is too old (see node-version)');
  return error(addonProblem.message, addonProblem.fix);
}

export function logFile({ files: { log } }: Facts): Verdicts {
  return log === null ? ok('no log file is set') : judgeLog(log, 'log', 'logging.file');
}

export function recording({ files }: Facts): Verdicts {
  if (files.recording === null) return ok('nothing is recorded');
  return judgeLog(files.recording, 'recording', 'record');
}

function judgeLog({ file, folder, blocked }: OwnLog, what: string, setting: string): Verdicts {
  const fix = `set ${setting} to a path that you can write to, or to null`;
  if (blocked) return warning(`${file} is not a file, so the ${what} cannot be written`, fix);
  if (folder.writable) return ok(file);
  return warning(`${file} cannot be created in ${folder.nearest}`, `${fix}; or run hostp2pd as root`);
}

const OTHER_RUNTIME_FOLDER = 'run hostp2pd as root, or set XDG_RUNTIME_DIR to a folder of yours';

export function pidFile({ files: { pidFolder } }: Facts): Verdicts {
  if (typeof pidFolder !== 'string') return judgeFolder(pidFolder, error, OTHER_RUNTIME_FOLDER);
  return warning(
    `there is no folder for the PID file of a daemon: ${pidFolder}`,
    'log in with a session that sets it (loginctl enable-linger for a service), or run hostp2pd as root',
  );
}

export function stateFolder({ files }: Facts): Verdicts {
  return judgeFolder(files.stateFolder, warning, 'set state_folder to a folder that you can write to');
}

export function runtimeFolder({ files }: Facts): Verdicts {
  return judgeFolder(files.runtimeFolder, error, OTHER_RUNTIME_FOLDER);
}

function judgeFolder(
  { path, nearest, writable }: Folder,
  verdict: typeof error | typeof warning,
  fix: string,
): Verdicts {
  if (writable) return ok(path);
  return verdict(
    path === nearest ? `${path} is not writable` : `${path} cannot be created in ${nearest}`,
    fix,
  );
}

export function hook({ files: { hook: facts } }: Facts): Verdicts {
  if (facts === null) return ok('no run_program is set');
  const found = programProblem(facts);
  if (found === null) return ok(facts.program);
  const fix = found.commands === undefined ? found.fix : { safe: found.commands };
  return error(`run_program ${facts.program} cannot be run: ${found.reason}`, fix);
}

export function pinModule({ files: { pinModule: module } }: Facts): Verdicts {
  if (module === null) return ok('no pin_module is set');
  if (module.readable) return ok(module.path);
  return error(
    `${module.path} cannot be read`,
    'correct pin_module, or make the file readable for hostp2pd: chmod',
  );
}
