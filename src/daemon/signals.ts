/** What signals mean to a session. */
export interface SignalHandlers {
  readonly end: (signal: NodeJS.Signals) => void;
  readonly reload: () => void;
  /** The second Ctrl-C: whoever asks twice does not want to wait for a hook. A second SIGTERM changes nothing. */
  readonly endNow: () => void;
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
  return () => {
    process.off('SIGTERM', ended).off('SIGINT', ended).off('SIGHUP', reload);
  };
}
