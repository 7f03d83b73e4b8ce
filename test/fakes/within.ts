/** Waits for a condition that callbacks bring about; rejects with what is missing after `ms`. */
export async function within(ms: number, what: string | (() => string), met: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!met()) {
    if (performance.now() > end)
      throw new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
