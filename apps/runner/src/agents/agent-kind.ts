import { z } from 'zod';
import { json, MODEL_APIS, SUB_AGENT, TOOL_NAMES, toolLabel } from '@gastown/protocol';
import type { ModelApi, ModelShape, ToolName } from '@gastown/protocol';

/**
 * One agent program as data (architecture §4): how to start it in ACP mode, how it is told model, roles and permissions, and how it spells our tools.
 * Texts hold slots: `{home}`, `{data}`, `{config}`, `{state}` (folders of the pool), `{door}` (address of the model door), `{token}` (its key) and `{model}`.
 */
const Access = z.strictObject({
  /** Value of the session's option `mode`. */
  mode: z.string().min(1).optional(),
  /** What goes into `_meta` when a session is opened. `{tools}`: the address of the run's tools, with the model door below it (`{tools}/llm/…`), both good from the agent's own process only. */
  meta: z.record(z.string(), json()).optional(),
});

export const AgentKind = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'small letters, digits and dashes, at most 20'),
  label: z.string().min(1).max(60),
  program: z.union([
    /** A file of an npm package, run by this Node if `node` says so. */
    z.strictObject({ package: z.string().min(1), path: z.string().min(1), node: z.boolean().optional() }),
    /** A name that is looked for in PATH, or an absolute path. */
    z.strictObject({ command: z.string().min(1) }),
  ]),
  args: z.array(z.string()),
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).default({}),
  /** Relative to the pool's config folder, readable by the agent alone. What a slot gives is escaped as in JSON, which TOML reads too. */
  files: z.record(z.string().regex(/^(?!\/)(?!.*\.\.)/, 'a path below the config folder'), z.string()).default({}),
  /** It reads OpenCode's configuration: under which prefix, and whether as a variable or as a file. */
  openCode: z.strictObject({ prefix: z.string().regex(/^[A-Z]+$/), config: z.enum(['variable', 'file']) }).optional(),
  /** How it names a tool of the server `gt`. */
  toolPattern: z.string().includes('{tool}'),
  /** Names of its tools that begin a sub-agent and end with it. */
  subAgents: z.array(z.string().min(1)).optional(),
  /** The APIs that it can speak to the model door, best first. */
  apis: z.array(z.enum(Object.keys(MODEL_APIS) as [ModelApi, ...ModelApi[]])).min(1),
  /**
   * How the role reaches a session: as the option `mode`, whose values are our roles; as the `systemPrompt` of the session; or not at all, and then the
   * instructions of the tool server and the first prompt must do.
   */
  role: z.enum(['mode', 'system-prompt', 'instructions']),
  /** With `system-prompt`: what the repository says to agents is told with the role, since the agent itself takes it only together with settings, which can run programs. */
  rulesWithRole: z.boolean().optional(),
  /** What a session is opened with: a role that works, one that only looks, one that works and asks for what is beyond its worktree, and one that asks for commands too. */
  access: z.strictObject({ work: Access, look: Access, ask: Access, strict: Access }).optional(),
  /**
   * How its own screen of a session is shown. Slots of `args`: `{url}` (of the service that its ACP process opens), `{session}`, `{cwd}`. `password` names the variable that
   * both processes take the service's password from: without one, whoever is on the machine could use the service.
   */
  attach: z.strictObject({ args: z.array(z.string()), password: z.string().min(1) }).optional(),
  /** A session belongs to the process that has it for as long as that lives: they move together, when it has ended. */
  ownsSessions: z.boolean().optional(),
  /** Where one session is kept, so that it can be taken along and brought back (DR-20). Absent: it cannot, and a lost session is told what was said. */
  sessions: z
    .union([
      z.strictObject({
        /** A database; slots as above. */
        sqlite: z.string().min(1),
        /** Its rows in each table, in an order in which they can be put in; `?` is the session's id. `shared` ones belong to others as well. */
        tables: z
          .array(z.strictObject({ name: z.string().regex(/^\w+$/), where: z.string().min(1), shared: z.boolean().optional() }))
          .min(1),
      }),
      /** Files; `{session}` is its id, `*` one name of a folder or file. */
      z.strictObject({ files: z.array(z.string().min(1)).min(1) }),
    ])
    .optional(),
  /** The folder of its locks, where each is a folder whose `meta.json` names the `pid` of its holder. One that was killed leaves its own behind, and whoever comes next would wait for them. */
  locks: z.string().min(1).optional(),
  /** One, where its model calls do not name their session: then the pool's name tells which run it is. */
  sessionsPerProcess: z.number().int().positive().optional(),
});
export type AgentKind = z.infer<typeof AgentKind>;
export type Access = z.infer<typeof Access>;
export type SessionPlace = NonNullable<AgentKind['sessions']>;
export type AgentAccess = keyof NonNullable<AgentKind['access']>;

/** The API that this agent and a model of that shape can both use. */
export const apiFor = (kind: AgentKind, shape: ModelShape): ModelApi | null => kind.apis.find((api) => MODEL_APIS[api] === shape) ?? null;

export const toolNaming =
  (kind: Pick<AgentKind, 'toolPattern'>) =>
  (tool: ToolName): string =>
    kind.toolPattern.replace('{tool}', tool);

/** Names that an agent may report for a tool of ours, whatever it tells its model: Codex says `mcp.gt.done`. */
const REPORTED = ['mcp.gt.{tool}', 'gt.{tool}', 'gt/{tool}', 'mcp__gt__{tool}', 'gt_{tool}'];

/** The logical name of a tool as this agent reports it: ours get their label, a sub-agent is one by whatever name, its other own stay as they are. */
export function logicalTool(kind: Pick<AgentKind, 'toolPattern' | 'subAgents'>, reported: string): string {
  if (kind.subAgents?.includes(reported) === true) return SUB_AGENT;
  const patterns = [kind.toolPattern, ...REPORTED];
  const ours = TOOL_NAMES.find((tool) => patterns.some((pattern) => pattern.replace('{tool}', tool) === reported));
  return ours === undefined ? reported : toolLabel(ours);
}
