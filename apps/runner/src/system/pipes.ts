import type { ChildProcess } from 'node:child_process';

/** What a program wrote before its end is in the pipe already; this is the time to read it. */
const DRAIN_MS = 1_000;
const READ_MS = 100;

/**
 * A process that the program left behind may hold its pipes open for as long as it likes. A second after the program's own end they are closed from here, so that whoever waits for both waits for the program alone.
 */
export function closePipesAfterEnd(child: ChildProcess): void {
  child.once('exit', () => {
    // A second wait: where this process itself was busy all the while, it has read nothing yet.
    let drain = setTimeout(() => (drain = setTimeout(close, READ_MS)), DRAIN_MS);
    child.once('close', () => clearTimeout(drain));
  });
  const close = (): void => {
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
  };
}
