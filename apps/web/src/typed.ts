const TYPED_MS = 200;
/** Resolves once no more is typed: what is typed on takes the question back. */
export const typed = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    setTimeout(() => (signal.aborted ? reject(signal.reason as Error) : resolve()), TYPED_MS);
  });
