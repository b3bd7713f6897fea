import { tinykeys } from 'tinykeys';

export type Bindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/**
 * Keys and sequences of keys (`g b`), until the returned function is called. What ends a sequence uses it up: the library keeps the others that began
 * with the same key waiting, so it begins anew.
 */
export function chords(target: Window | HTMLElement, bindings: Bindings): () => void {
  const used = Object.fromEntries(
    Object.entries(bindings).map(([keys, run]) => [
      keys,
      (event: KeyboardEvent) => {
        stop();
        stop = begin();
        run(event);
      },
    ]),
  );
  const begin = () => tinykeys(target, used, { ignore: () => false });
  let stop = begin();
  return () => stop();
}
