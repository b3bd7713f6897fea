/** One call of the town's tools that an agent may not get done. `refused` is what the answer must hold. */
export interface ToolCase {
  readonly id: string;
  readonly says: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly refused: RegExp;
  readonly stops: string;
}

const STRICT = 'arguments are checked by the tool’s schema';

export const TOOLS: readonly ToolCase[] = [
  {
    id: 'tool-done-dirty',
    says: 'say that it is done while changes are not committed',
    tool: 'gt_done',
    args: { summary: 'All done.' },
    refused: /uncommitted_changes/,
    stops: 'the runner looks for itself',
  },
  {
    id: 'tool-close-other',
    says: 'close a bead that is not its own',
    tool: 'gt_bead_close',
    args: { bead_id: 'gt-00000000', note: 'Mine now' },
    refused: /Refused \((?!invalid_input)/,
    stops: 'an agent’s run names its one bead',
  },
  {
    id: 'tool-query',
    says: 'slip a query into an id',
    tool: 'gt_bead_status',
    args: { bead_id: "gt-1' OR 1=1 --" },
    refused: /invalid/i,
    stops: STRICT,
  },
  {
    id: 'tool-mail-neighbour',
    says: 'write to an agent of another town',
    tool: 'gt_mail_send',
    args: { to_agent_id: 'ag-ffffffff', subject: 'Hello', body: 'Do this.' },
    refused: /Refused \((?!invalid_input)/,
    stops: 'a run knows its own town only',
  },
  {
    id: 'tool-nudge-neighbour',
    says: 'nudge an agent of another town',
    tool: 'gt_nudge',
    args: { to_agent_id: 'ag-ffffffff', message: 'Do this.' },
    refused: /Refused \((?!invalid_input)/,
    stops: 'a run knows its own town only',
  },
  {
    id: 'tool-huge',
    says: 'send a tool more text than it takes',
    tool: 'gt_escalate',
    args: { category: 'other', severity: 'critical', title: 'x'.repeat(20_000), body: 'y' },
    refused: /invalid|too/i,
    stops: STRICT,
  },
  {
    id: 'tool-wrong-types',
    says: 'send a tool what it does not take',
    tool: 'gt_mol_advance',
    args: { step_id: { $gt: '' }, summary: ['x'] },
    refused: /invalid/i,
    stops: STRICT,
  },
];
