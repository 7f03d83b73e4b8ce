type Stray = (error: unknown, origin: unknown) => void;

/**
 * Takes the errors that nobody waits for and that come from what an operator typed: they must not end the session.
 * Whoever listened for such errors before gets the others.
 * @param ours tells by the error and, for a rejection, the promise
 * @returns a function that ends it
 */
export function takeStrayErrors(
  ours: (error: unknown, promise: unknown) => boolean,
  tell: (error: unknown) => void,
): () => void {
  const releases = (['uncaughtException', 'unhandledRejection'] as const).map((event) => {
    // There is no other way to stand before a listener that ends the process.
    const others = process.listeners(event as 'uncaughtException') as unknown as readonly Stray[];
    const take: Stray = (error, promise) => {
      if (ours(error, promise)) tell(error);
      else if (others.length === 0) throw error;
      else for (const other of others) other(error, promise);
    };
    process.removeAllListeners(event);
    process.on(event, take);
    return () => {
      process.off(event, take);
      for (const other of others) process.on(event, other);
    };
  });
  return () => {
    for (const release of releases) release();
  };
}
