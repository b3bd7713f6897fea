/** Messages of merges and names of who makes them, as they come from a town: whatever they hold, the commit has our two trailers once, and no other of their names. */
export interface HostileMessage {
  readonly id: string;
  readonly message?: string;
  readonly gitName?: string;
  readonly agentName?: string;
}
const OTHER = 'mr-99999999';

export const HOSTILE_CASES: readonly HostileMessage[] = [
  { id: 'one-line', message: 'Add a greeting' },
  { id: 'title-is-a-trailer', message: `Merge-Request: ${OTHER}` },
  { id: 'title-is-our-trailer', message: 'Merge-Request: mr-00000001' },
  { id: 'our-trailer-in-the-middle', message: 'Add\n\nMerge-Request: mr-00000001\n\nmore of it' },
  { id: 'our-co-author-in-the-middle', message: 'Add\n\nCo-authored-by: Toast (Polecat) <polecat@gastown.invalid>\n\nmore of it' },
  { id: 'other-trailer-in-the-middle', message: `Add\n\nMerge-Request: ${OTHER}\n\nmore of it` },
  { id: 'other-trailer-at-the-end', message: `Add\n\nBead-ID: gt-1\nMerge-Request: ${OTHER}\n` },
  { id: 'other-trailer-behind-ours', message: `Add\n\nMerge-Request: mr-00000001\nMerge-Request: ${OTHER}\n` },
  { id: 'other-trailer-in-capitals', message: `Add\n\nMERGE-REQUEST: ${OTHER}\n` },
  { id: 'other-trailer-with-spaces', message: `Add\n\nMerge-Request :   ${OTHER}\n` },
  { id: 'other-id-in-our-line', message: `Add\n\nMerge-Request: mr-00000001 ${OTHER}\n` },
  { id: 'other-id-on-a-line-that-goes-on', message: `Add\n\nMerge-Request: mr-00000001\n ${OTHER}\n` },
  { id: 'behind-a-divider', message: `Add\n\n---\nMerge-Request: ${OTHER}\n` },
  { id: 'a-comment', message: '# Add\n\n# and this' },
  { id: 'scissors', message: 'Add\n# ------------------------ >8 ------------------------\nmore' },
  { id: 'returns', message: `Add\r\n\r\nMerge-Request: ${OTHER}\r\n` },
  { id: 'nothing-but-spaces', message: ' \n\n ' },
  { id: 'name-with-a-line', gitName: 'Ada\nMerge-Request: mr-99999999' },
  { id: 'name-with-brackets', gitName: 'Ada <root@evil.example>' },
  { id: 'agent-with-a-line', agentName: `Toast\nMerge-Request: ${OTHER}` },
  { id: 'agent-with-brackets', agentName: 'Toast <root@evil.example>' },
];
