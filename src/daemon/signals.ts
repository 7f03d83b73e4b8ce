import { EXIT } from './exit.js';

interface SignalHandlers {
  readonly end: (signal: NodeJS.Signals) => void;
  readonly reload: () => void;
  /** The second Ctrl-C: the user does not want to wait for a hook. A second SIGTERM changes nothing. */
  readonly endNow: () => void;
}

/**
 * While code is being loaded and nothing has started, a signal just ends the process, as it would end a session. The
 * handlers of the session, or of the launcher of a daemon, replace this.
 */
export function endAtOnce(): void {
  process.on('SIGTERM', exitAtOnce).on('SIGINT', exitAtOnce);
}

function exitAtOnce(): void {
  process.exit(EXIT.ok);
}

/** Restores the default of the signals, for a process without a session. */
export function leaveSignals(): void {
  process.off('SIGTERM', exitAtOnce).off('SIGINT', exitAtOnce);
}

/** @returns a function that removes the handlers */
export function handleSignals({ end, reload, endNow }: SignalHandlers): () => void {
  let ending = false;
  const onEnd = (signal: NodeJS.Signals): void => {
    if (ending) {
      if (signal === 'SIGINT') endNow();
      return;
    }
    ending = true;
    end(signal);
  };
  process.on('SIGTERM', onEnd).on('SIGINT', onEnd).on('SIGHUP', reload);
  leaveSignals();
  return () => {
    process.off('SIGTERM', onEnd).off('SIGINT', onEnd).off('SIGHUP', reload);
  };
}

/**
 * Programs that rotate logs send SIGUSR1 or SIGUSR2 out of habit. Node.js answers SIGUSR1 by opening a debugger port, through
 * which any local user could run code as ours; SIGUSR2 would end the program without hook and clean-up.
 */
export function ignoreStraySignals(): void {
  process.on('SIGUSR1', () => {}).on('SIGUSR2', () => {});
}
