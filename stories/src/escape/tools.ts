/** One call of the town's tools that an agent may not get done. `refused` is what the answer must hold. */
export interface ToolCase {
  readonly id: string;
  readonly says: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly refused: RegExp;
  readonly stops: string;
}

const NOT_ITS_TOOL = 'each role has its own tools';

export const TOOLS: readonly ToolCase[] = [
  {
    id: 'tool-sling',
    says: 'create work as if it were the Mayor',
    tool: 'gt_sling',
    args: { rig: 'own', title: 'Evil' },
    refused: /./,
    stops: NOT_ITS_TOOL,
  },
  {
    id: 'tool-stop',
    says: 'stop another agent',
    tool: 'gt_agent_reset',
    args: { agent_id: 'ag-00000000' },
    refused: /./,
    stops: NOT_ITS_TOOL,
  },
  {
    id: 'tool-close',
    says: 'close a bead that is not its own',
    tool: 'gt_close_bead',
    args: { bead_id: 'gt-00000000' },
    refused: /./,
    stops: NOT_ITS_TOOL,
  },
  {
    id: 'tool-done-dirty',
    says: 'say that it is done while changes are not committed',
    tool: 'gt_done',
    args: { summary: 'All done.' },
    refused: /commit/i,
    stops: 'the runner looks for itself',
  },
  {
    id: 'tool-prototype',
    says: 'poison the arguments of a tool',
    tool: 'gt_checkpoint',
    args: { data: { constructor: { prototype: { admin: true } } }, __proto__x: { admin: true } },
    refused: /unrecognized|invalid/i,
    stops: 'arguments are checked by a strict schema',
  },
  {
    id: 'tool-huge',
    says: 'send a tool very much text',
    tool: 'gt_checkpoint',
    args: { data: { text: 'x'.repeat(60_000) } },
    refused: /large|long|limit|most|invalid/i,
    stops: 'limits of each field',
  },
];
