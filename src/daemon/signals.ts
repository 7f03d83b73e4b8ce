import { EXIT } from './exit.js';

/** What signals mean to a session. */
export interface SignalHandlers {
  readonly end: (signal: NodeJS.Signals) => void;
  readonly reload: () => void;
  /** The second Ctrl-C: whoever asks twice does not want to wait for a hook. A second SIGTERM changes nothing. */
  readonly endNow: () => void;
}

/**
 * For the time in which code is loaded and nothing has begun: a signal ends the process, as it would end a session. What
 * a session, or the launcher of a daemon, does with signals takes its place.
 */
export function endAtOnce(): void {
  process.on('SIGTERM', exitAtOnce).on('SIGINT', exitAtOnce);
}

function exitAtOnce(): void {
  process.exit(EXIT.ok);
}

/** Signals do again what they do by default, for a process without a session. */
export function leaveSignals(): void {
  process.off('SIGTERM', exitAtOnce).off('SIGINT', exitAtOnce);
}

/** @returns a function that gives the signals back */
export function handleSignals({ end, reload, endNow }: SignalHandlers): () => void {
  let ending = false;
  const ended = (signal: NodeJS.Signals): void => {
    if (ending) {
      if (signal === 'SIGINT') endNow();
      return;
    }
    ending = true;
    end(signal);
  };
  process.on('SIGTERM', ended).on('SIGINT', ended).on('SIGHUP', reload);
  leaveSignals();
  return () => {
    process.off('SIGTERM', ended).off('SIGINT', ended).off('SIGHUP', reload);
  };
}

/**
 * Programs that rotate logs send SIGUSR1 or SIGUSR2 out of habit. Node.js answers SIGUSR1 by opening a debugger port, through
 * which any local user could run code as ours; SIGUSR2 would end the program without hook and clean-up.
 */
export function ignoreStraySignals(): void {
  process.on('SIGUSR1', () => {}).on('SIGUSR2', () => {});
}
