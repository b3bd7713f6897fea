import { z } from 'zod';

/**
 * The format of a story: what the scripted model answers, as data.
 *
 * A story is a list of scenes. A scene says *when* it plays (role, what was asked, what the context tells) and its *steps*, one for each
 * answer of the model. Nothing is remembered between requests: which step comes next is counted from the conversation itself.
 */

const pattern = z
  .string()
  .min(1)
  .refine(compiles, { error: (issue) => `not a regular expression: ${String(issue.input)}` });

function compiles(source: string): boolean {
  try {
    return new RegExp(source, 'i').source !== '';
  } catch {
    return false;
  }
}

/** One call of a tool, by its logical name (`gt_sling`, `bash`): the agent's own spelling is looked up in the tools that it offers. */
export const ToolCall = z.strictObject({ tool: z.string().min(1), args: z.record(z.string(), z.json()).default({}) });
export type ToolCall = z.infer<typeof ToolCall>;

const status = z.number().int().min(400).max(599);
const StatusFault = z.strictObject({
  status,
  /** Answered in the `Retry-After` header; 1 for a 429 that does not say. */
  retryAfterSeconds: z.number().int().nonnegative().optional(),
  /** Without it the same request fails once and then gets the step's answer. */
  always: z.boolean().default(false),
  /** A conversation that says this gets the step's answer. */
  unless: pattern.optional(),
  message: z.string().optional(),
  /** The provider's own code for it: `context_length_exceeded`, `insufficient_quota`. */
  code: z.string().optional(),
  /** A streamed answer of the responses API begins well, and then says so in its last event: so OpenAI tells of a conversation that is too long. */
  streamed: z.boolean().default(false),
});
export type StatusFault = z.infer<typeof StatusFault>;

export const Step = z
  .strictObject({
    text: z.string().optional(),
    tool: z.string().min(1).optional(),
    args: z.record(z.string(), z.json()).optional(),
    tools: z.array(ToolCall).min(1).optional(),
    /** Wait before the first byte. */
    delayMs: z.number().int().nonnegative().optional(),
    /** Wait between two chunks of a streamed answer. */
    chunkMs: z.number().int().nonnegative().optional(),
    error: z.union([status.transform((code) => StatusFault.parse({ status: code })), StatusFault]).optional(),
    /** Send the headers, then nothing until the caller leaves. */
    hang: z.boolean().optional(),
    /** Send tool arguments that are not JSON. */
    badJson: z.boolean().optional(),
    /** End the answer as the provider's content filter does. */
    refused: z.boolean().optional(),
    /** Cut the connection after this many chunks of a streamed answer (0: right after the headers). */
    cutAfterChunks: z.number().int().nonnegative().optional(),
  })
  .check((ctx) => {
    const { text, tool, args, tools, error, hang, refused } = ctx.value;
    const complain = (message: string) => ctx.issues.push({ code: 'custom', input: ctx.value, message });
    if (tool === undefined && args !== undefined) complain('"args" needs "tool"');
    if (tool !== undefined && tools !== undefined) complain('give "tool" or "tools", not both');
    if (text === undefined && tool === undefined && tools === undefined && error === undefined && !hang && !refused)
      complain('a step needs "text", "tool", "tools", "error", "refused" or "hang"');
  });
export type Step = z.infer<typeof Step>;
export type StepInput = z.input<typeof Step>;

/** A value found in the conversation and used as `{{name}}` in later steps. `otherwise` is said when it is not there. */
export const Capture = z.union([
  z.strictObject({
    /** Look into the results of this tool since the scene began. */
    tool: z.string().min(1),
    find: pattern,
    /** The nth distinct match over those results, from 1; -1 is the last one. */
    nth: z
      .number()
      .int()
      .refine((nth) => nth !== 0, { error: 'counts from 1, or from -1 at the end' })
      .default(1),
    otherwise: z.string().min(1),
  }),
  z.strictObject({
    /** Look into all that was said in this conversation; the latest wins. */
    said: pattern,
    otherwise: z.string().min(1),
  }),
]);
export type Capture = z.infer<typeof Capture>;

const groupNames = (source: string): string[] => [...source.matchAll(/\(\?<(\w+)>/g)].map((match) => match[1] ?? '');

/** The names used as `{{name}}` anywhere in a step. */
export const variableNames = (step: Step): string[] => [
  ...new Set([...JSON.stringify(step).matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '')),
];

export const RoleName = z.enum(['mayor', 'polecat', 'refinery', 'triage']);
export type RoleName = z.infer<typeof RoleName>;

export const Scene = z
  .strictObject({
    id: z.string().min(1),
    when: z.strictObject({
      role: RoleName,
      /** Over what was asked: the user's message and, for workers, what `gt_prime` told. Named groups become variables. */
      asked: pattern,
      /** All of these must be found there too (an earlier attempt that failed, say) ... */
      context: z.array(pattern).default([]),
      /** ... and none of these. */
      without: z.array(pattern).default([]),
    }),
    find: z.record(z.string().regex(/^\w+$/), Capture).default({}),
    steps: z.array(Step).min(1),
  })
  .check((ctx) => {
    const first = ctx.value.steps[0];
    // A worker's scene is often known only after gt_prime has told which bead it is, so the first step is the same for all of them.
    if (ctx.value.when.role !== 'mayor' && first?.tool !== 'gt_prime') {
      ctx.issues.push({
        code: 'custom',
        input: ctx.value,
        path: ['steps', 0],
        message: "the first step of a worker's scene is a call of gt_prime",
      });
    }
    const known = new Set([...Object.keys(ctx.value.find), ...groupNames(ctx.value.when.asked)]);
    ctx.value.steps.forEach((step, index) => {
      for (const name of variableNames(step)) {
        if (!known.has(name))
          ctx.issues.push({
            code: 'custom',
            input: ctx.value,
            path: ['steps', index],
            message: `{{${name}}} is neither in "find" nor a named group of "asked"`,
          });
      }
    });
  });
export type Scene = z.infer<typeof Scene>;

export const Story = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1),
  /** What a person may type to start it; shown as a suggestion and in the model's list of what it can play. */
  suggestion: z.string().min(1).optional(),
  scenes: z.array(Scene).min(1),
});
export type Story = z.infer<typeof Story>;
export type StoryInput = z.input<typeof Story>;

export interface StoryLibrary {
  readonly stories: readonly Story[];
}

/** Checks stories and refuses the whole library with every fault named by story, place and reason. */
export function storyLibrary(inputs: readonly unknown[]): StoryLibrary {
  const faults: string[] = [];
  const stories: Story[] = [];
  inputs.forEach((input, index) => {
    const parsed = Story.safeParse(input);
    if (parsed.success) stories.push(parsed.data);
    else faults.push(...parsed.error.issues.map((issue) => `${nameOf(input, index)} at ${placeOf(issue.path)}: ${issue.message}`));
  });
  const seen = new Set<string>();
  for (const { id } of stories) {
    if (seen.has(id)) faults.push(`two stories are called "${id}"`);
    seen.add(id);
  }
  if (faults.length > 0) throw new Error(`story library refused:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return { stories };
}

const nameOf = (input: unknown, index: number): string =>
  typeof input === 'object' && input !== null && 'id' in input && typeof input.id === 'string'
    ? `story "${input.id}"`
    : `story number ${index + 1}`;

const placeOf = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'its root' : path.map(String).join('.'));
