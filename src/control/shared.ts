/** However many ask at once, one asking serves them all: wpa_supplicant has the phones to attend to. */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= ask().finally(() => {
      pending = null;
    });
    return pending;
  };
}
