import { useEffect, useRef } from 'react';
import { CATALOGUE } from '../commands/catalogue.ts';
import { useAct, useHere } from './act.ts';
import { chords } from './chords.ts';

/** Keys of the catalogue, and the four that move: `j` `k` to the next and previous row. Typing into a field is never a key. */
export function Keys() {
  const act = useAct();
  const here = useHere();
  const now = useRef({ act, here });
  useEffect(() => {
    now.current = { act, here };
  });
  useEffect(() => {
    const bindings = Object.fromEntries(
      CATALOGUE.flatMap((entry) =>
        entry.keys
          ? [
              [
                entry.keys,
                (event: KeyboardEvent) => {
                  if (typing(event) && !entry.keys!.startsWith('$mod')) return;
                  const at = now.current.here();
                  if (!entry.offered(at) || (document.querySelector('[role=dialog][data-open]') && !entry.keys!.startsWith('$mod'))) return;
                  event.preventDefault();
                  entry.run(now.current.act, at);
                },
              ],
            ]
          : [],
      ),
    );
    return chords(window, {
      ...bindings,
      j: (event) => {
        if (!typing(event)) move(1);
      },
      k: (event) => {
        if (!typing(event)) move(-1);
      },
    });
  }, []);
  return null;
}

function typing(event: KeyboardEvent): boolean {
  const at = event.target instanceof HTMLElement ? event.target : null;
  return !!at?.closest('input, textarea, select, [contenteditable]') || !!at?.matches('[data-keeps-keys]') || event.isComposing;
}

function move(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('#main [data-row]')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  rows[at < 0 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}
