import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, refuse } from '@gastown/protocol';
import type { Result } from '@gastown/protocol';
import { spawn } from '@lydell/node-pty';
import { cellVariables, inCell, makeCellFolder, makeFoldersInCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';
import { endStrays } from '../system/processes.ts';
import { within } from '../system/within.ts';
import { makeFeed } from './feed.ts';
import type { OurEnd } from './feed.ts';

/** The program of a terminal and the pseudo-terminal it runs in. Bytes are passed on as they are. */
export interface Pty {
  readonly onBytes: (listener: (bytes: Uint8Array) => void) => void;
  readonly exited: Promise<number>;
  write(bytes: Uint8Array): void;
  /** Bytes that were written and that the program's side did not take yet. */
  readonly unwritten: () => number;
  resize(cols: number, rows: number): void;
  /** The program's writes wait in the machine's buffer, and then the program waits. */
  pause(): void;
  resume(): void;
  /** Ends the program and everything it started, also what left its group. */
  end(): Promise<void>;
}

/** Where and as whom the program runs. What `environment` holds is all that it sees, beside its home, SHELL and TERM. */
interface Room {
  readonly cell: Cell;
  readonly cwd: string;
  /** Alone for this terminal, below the runner's state: by its HOME in it everything that the program starts is found. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface PtyWish {
  readonly program: string;
  readonly args: readonly string[];
  readonly room: Room;
  readonly cols: number;
  readonly rows: number;
}

/** A shell that is told to hang up writes its history down. */
const HANGUP_MS = 500;

/** The machine's own settings would put a user's name into the prompt, which the user of a cell does not have. */
export const shellProgram = () =>
  existsSync('/bin/bash')
    ? { program: '/bin/bash', args: ['--norc'], environment: { PS1: '\\W $ ' } }
    : { program: '/bin/sh', args: [], environment: { PS1: '$ ' } };

export async function startPty({ program, args, room, cols, rows }: PtyWish): Promise<Result<Pty>> {
  try {
    // A missing folder would be told by the program that was to start in it, as its only output.
    await access(room.cwd);
    const home = join(room.folder, 'home');
    await makeCellFolder(room.cell, room.folder);
    await makeFoldersInCell(room.cell, [home]);
    const inside = inCell(room.cell, program, args);
    const pty = spawn(inside.program, inside.args, {
      cwd: room.cwd,
      env: { SHELL: program, ...cellVariables(home), ...room.environment, TERM: 'xterm-256color', COLORTERM: 'truecolor' },
      name: 'xterm-256color',
      encoding: null,
      cols,
      rows,
    });
    const ours = ourEndOf(pty);
    const feed = makeFeed(ours);
    let over = false;
    const exited = new Promise<number>((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        over = true;
        resolve(signal ? 128 + signal : exitCode);
      });
    });
    return ok({
      // The library gives and takes bytes; its types know only text.
      onBytes: (listener) => void pty.onData((data) => listener(data as unknown as Uint8Array)),
      exited,
      write: feed.add,
      unwritten: feed.unwritten,
      resize(columns, lines) {
        // A program may close its terminal and go on, or has just ended: its number can be another file's.
        if (ours.isOpen()) pty.resize(columns, lines);
      },
      pause: () => pty.pause(),
      resume: () => pty.resume(),
      async end() {
        // A paused one would never be seen to end.
        pty.resume();
        if (!over) pty.kill('SIGHUP');
        await within(HANGUP_MS, exited);
        await endStrays({ folder: room.folder });
      },
    });
  } catch (error) {
    return refuse(
      failure('terminal_failed', `The terminal could not be started: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}

/** The library has both and its types do not. */
function ourEndOf(pty: object): OurEnd {
  const { fd, _socket: socket } = pty as { readonly fd: number; readonly _socket: { readonly destroyed: boolean } };
  return { fd, isOpen: () => !socket.destroyed };
}
