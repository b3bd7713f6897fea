import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { SessionPlace } from '../agents/agent-kind.ts';
import { inCell } from '../system/cell.ts';
import type { Cell } from '../system/cell.ts';

/**
 * Reads and writes one session in the store of its agent, while the agent runs. It is done by a small program in the agent's cell, with the agent's rights: what an agent planted there (a link, a damaged database)
 * reaches nothing of the runner's, and one that hangs is ended.
 */
export interface SessionTool {
  /** How much of the session is there; 0: nothing. */
  extent(): Promise<number>;
  read(): Promise<Taken>;
  /** Replaces what is there of it. */
  write(content: string): Promise<void>;
}

/** `content`: what `write` takes; nobody else understands it. */
interface Taken {
  readonly extent: number;
  readonly content: string;
}

export interface SessionAt {
  readonly place: SessionPlace;
  readonly sessionId: string;
  readonly cell: Cell;
  /** Folders of the pool, for the slots of the place. */
  readonly folders: Readonly<Record<'home' | 'data' | 'config', string>>;
  readonly deadlineMs: number;
}

const start = promisify(execFile);
const SESSION_ID = /^[\w-]{1,100}$/;
const MOST_BYTES = 512 * 1_048_576;
const Extent = z.object({ extent: z.number().int().nonnegative() });

/** Null: an id that could mean something else in a path. */
export function sessionTool({ place, sessionId, cell, folders, deadlineMs }: SessionAt): SessionTool | null {
  if (!SESSION_ID.test(sessionId)) return null;
  const filled = (text: string): string =>
    text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) =>
      name === 'session' ? sessionId : (folders[name as keyof typeof folders] ?? whole),
    );
  const where = 'sqlite' in place ? { sqlite: filled(place.sqlite), tables: place.tables } : { files: place.files.map(filled) };
  const run = async (job: object): Promise<string> => {
    const code = await readFile(new URL('./in-cell.ts', import.meta.url), 'utf8');
    const { program, args } = inCell(cell, process.execPath, ['--input-type=module-typescript', '--no-warnings', '--eval', code]);
    const running = start(program, args, {
      cwd: '/',
      // Not the home of an agent process: what such a one left running is looked for by that.
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', HOME: folders.data },

      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      maxBuffer: MOST_BYTES,
    });
    // One that ends before it has read all of it says why itself; without a descriptor left there is no pipe.
    running.child.stdin?.on('error', () => undefined).end(JSON.stringify({ ...job, ...where, folders, sessionId }));
    const { stdout } = await running;
    return stdout;
  };
  return {
    extent: async () => Extent.parse(JSON.parse(await run({ job: 'extent' }))).extent,
    async read() {
      const content = await run({ job: 'read' });
      return { extent: Extent.parse(JSON.parse(content)).extent, content };
    },
    async write(content) {
      const wanted = JSON.parse(content) as unknown;
      const written = Extent.parse(JSON.parse(await run({ job: 'write', content: wanted })));
      if (written.extent !== Extent.parse(wanted).extent)
        throw new Error(`${written.extent} of it are there, not ${Extent.parse(wanted).extent}`);
    },
  };
}
