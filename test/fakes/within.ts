/**
 * For a wait that proves that something happens, not how soon: much longer than that takes on a slow machine that runs other tests
 * at the same time. It costs nothing where all is well.
 */
export const PATIENCE_MS = 60_000;

/** Waits until a condition holds. After `ms` it rejects with `what`. */
export async function within(ms: number, what: string | (() => string), met: () => boolean): Promise<void> {
  const began = performance.now();
  while (!met()) {
    const waited = performance.now() - began;
    if (waited > ms) throw new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`);
    // Some conditions take time themselves. So after a long wait they are checked less often.
    await new Promise((resolve) => setTimeout(resolve, Math.min(2 + waited / 20, 50)));
  }
}
