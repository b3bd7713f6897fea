import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { siteOf } from '@gastown/protocol';
import type { PermissionCategory, PermissionDecision, PermissionRule, Permissions } from '@gastown/protocol';
import type { PermissionQuestion } from './driver.ts';

/**
 * Answers an agent's requests for permission in one session: the town's own tools are allowed, what the settings decide is decided by them, the rest is
 * asked. What was allowed for the run is not asked again.
 */
export interface Permits {
  answer(request: RequestPermissionRequest): Promise<RequestPermissionResponse>;
  /** The turn is over: nothing waits for an answer any more. */
  withdraw(): void;
}

export interface PermitSurroundings {
  readonly permissions: Permissions;
  /** Its own: files in it are the agent's to change. */
  readonly worktree: string;
  /** A role that only looks is never asked about: what it may not do it does not do (MY-10). */
  readonly works: boolean;
  readonly ask: ((question: PermissionQuestion) => Promise<PermissionDecision | null>) | null;
}

type Asked = Omit<PermissionQuestion, 'signal'>;

export function makePermits({ permissions, worktree, works, ask }: PermitSurroundings): Permits {
  const allowed = new Set<string>();
  const waiting = new Set<AbortController>();
  const decide = async (asked: Asked, rule: PermissionRule): Promise<PermissionDecision | null> => {
    if (rule === 'allow' || allowed.has(likenessOf(asked))) return 'once';
    if (rule === 'deny' || ask === null) return 'deny';
    const over = new AbortController();
    waiting.add(over);
    const withdrawn = new Promise<null>((resolve) => over.signal.addEventListener('abort', () => resolve(null), { once: true }));
    const decision = await Promise.race([ask({ ...asked, signal: over.signal }), withdrawn]).finally(() => waiting.delete(over));
    if (decision === 'run') allowed.add(likenessOf(asked));
    return decision;
  };
  return {
    async answer(request) {
      const asked = readRequest(request);
      const ruled = (): PermissionRule => {
        if (isOurs(request)) return 'allow';
        if (!works) return 'deny';
        if (asked.category === 'outside' && isWithin(worktree, request)) return 'allow';
        return asked.category === 'other' ? 'ask' : permissions[asked.category];
      };
      return responseTo(request, await decide(asked, ruled()));
    },
    withdraw() {
      for (const over of waiting) over.abort();
    },
  };
}

const OURS = /^(gt_|mcp__gt__|mcp\.gt\.|gt[./])/;
/** Its name decides where the agent tells one; a title is free text, which a command could be made to begin with. */
function isOurs({ toolCall }: RequestPermissionRequest): boolean {
  if (toolCall.kind === 'execute' || toolCall.kind === 'fetch' || leavesWorktree(toolCall)) return false;
  const meta = Named.safeParse(toolCall);
  return OURS.test(meta.data?.name ?? meta.data?._meta?.claudeCode?.toolName ?? toolCall.title ?? '');
}

/** Agents that ask about each change ask about those in their own worktree too. */
function isWithin(worktree: string, { toolCall: { kind, locations, rawInput } }: RequestPermissionRequest): boolean {
  if (kind === 'execute' || kind === 'fetch') return false;
  const { filepath, file_path, path } = Input.safeParse(rawInput).data ?? {};
  const files = [...(locations ?? []).map((location) => location.path), filepath, file_path, path].filter((file) => file !== undefined);
  const own = realPath(worktree);
  return own !== null && files.length > 0 && files.every((file) => leadsInto(own, worktree, file));
}

/** By what is on the disk: a link in the worktree leads wherever its agent laid it. A way back up is not worth finding out about. */
function leadsInto(own: string, worktree: string, file: string): boolean {
  if (file.split(sep).includes('..')) return false;
  return realPath(resolve(worktree, file))?.startsWith(own + sep) === true;
}

/** Of a file that need not be there yet; null when it cannot be told, as for a link to nothing. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return null;
    const parent = realPath(dirname(path));
    return parent === null ? null : join(parent, basename(path));
  }
}

const Named = z.looseObject({
  name: z.string().optional(),
  _meta: z.looseObject({ claudeCode: z.looseObject({ toolName: z.string().optional() }).optional() }).nullish(),
});
/** Of a command, of a file, of a command in the background, of a skill. */
const Folders = z.looseObject({
  directories: z.unknown().optional(),
  parentDir: z.unknown().optional(),
  access: z.unknown().optional(),
  skillShell: z.unknown().optional(),
});
const Input = z.looseObject({
  command: z.union([z.string(), z.array(z.string())]).optional(),
  cmd: z.string().optional(),
  url: z.string().optional(),
  query: z.string().optional(),
  filepath: z.string().optional(),
  file_path: z.string().optional(),
  path: z.string().optional(),
});

/**
 * Kilo CLI and OpenCode ask about a folder before the command or the file that needs it. The title may then be the agent's own words for the command, so what
 * tells it is what only such a question carries.
 */
function leavesWorktree({ kind, title, rawInput }: Pick<RequestPermissionRequest['toolCall'], 'kind' | 'title' | 'rawInput'>): boolean {
  if (title === 'external_directory') return true;
  const { directories, parentDir, access, skillShell } = Folders.safeParse(rawInput).data ?? {};
  return kind !== 'execute' && [directories, parentDir, access, skillShell].some((told) => told !== undefined);
}

/** In which words agents ask for what; their kind of tool call is tried first. */
const WORDS: readonly (readonly [RegExp, PermissionCategory])[] = [
  [/external_directory|outside/i, 'outside'],
  [/web ?(fetch|search)|codesearch|https?:\/\//i, 'web'],
  [/^bash\b|exec_command|shell|command/i, 'commands'],
];

function readRequest({ toolCall }: RequestPermissionRequest): Asked {
  const input = Input.safeParse(toolCall.rawInput).data ?? {};
  const command = typeof input.command === 'string' ? input.command : (input.command?.join(' ') ?? input.cmd);
  const title = command ?? input.url ?? input.query ?? input.filepath ?? input.file_path ?? input.path ?? toolCall.title ?? 'something';
  const detail = JSON.stringify(toolCall.rawInput ?? toolCall.title ?? '', null, 2);
  return { requestId: toolCall.toolCallId, category: categoryOf(toolCall), title, detail };
}

function categoryOf({ kind, title, rawInput }: RequestPermissionRequest['toolCall']): PermissionCategory {
  if (leavesWorktree({ kind, title, rawInput })) return 'outside';
  if (kind === 'execute') return 'commands';
  if (kind === 'fetch') return 'web';
  if (kind === 'edit' || kind === 'delete' || kind === 'move' || kind === 'read') return 'outside';
  const text = `${title ?? ''} ${Object.keys(Object(rawInput)).join(' ')}`;
  return WORDS.find(([words]) => words.test(text))?.[1] ?? 'other';
}

/** What counts as the same again: the very command or path, any address of the same site. The page says which before a person allows it for the run. */
const likenessOf = (asked: Asked): string => `${asked.category} ${siteOf(asked) ?? asked.title}`;

function responseTo(request: RequestPermissionRequest, decision: PermissionDecision | null): RequestPermissionResponse {
  if (decision === null) return { outcome: { outcome: 'cancelled' } };
  // `run` is remembered here: what an agent would remember goes beyond its session.
  const wanted = decision === 'deny' ? 'reject_once' : 'allow_once';
  const option = request.options.find((candidate) => candidate.kind === wanted);
  return { outcome: option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId } };
}
