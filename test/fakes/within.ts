/** Waits until a condition holds. After `ms` it rejects with `what`. */
export async function within(ms: number, what: string | (() => string), met: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!met()) {
    if (performance.now() > end)
      throw new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
