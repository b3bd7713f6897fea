import { describe, expect, it } from 'vitest';
import { moreThan, shownAnswer, toolTitle } from './answer.ts';

const shown = (tool: string, output: string | null) => shownAnswer({ tool, output, answer: null });
const answer = { summary: 'gt-1 is in line', data: { place: 1 }, links: [{ kind: 'bead', id: 'gt-1' }] };

describe('a tool card', () => {
  it('shows the summary and the links of an answer of the town', () => {
    expect(shown('gt_sling', JSON.stringify(answer))).toMatchObject({
      summary: 'gt-1 is in line',
      links: [{ kind: 'bead', id: 'gt-1' }],
    });
  });

  it('finds the answer inside the content list of an MCP result', () => {
    expect(shown('gt_sling', JSON.stringify({ content: [{ type: 'text', text: JSON.stringify(answer) }] })).summary).toBe(
      'gt-1 is in line',
    );
  });

  it('reads the answer as agents are told it: one line, then the data', () => {
    const told = 'Created gt-e3b0ea74: place 1.\n\n{\n  "bead_id": "gt-e3b0ea74",\n  "rig_id": "rig-d33d7eee"\n}';
    expect(shown('gt_sling', told)).toMatchObject({
      summary: 'Created gt-e3b0ea74: place 1.',
      links: [{ kind: 'bead', id: 'gt-e3b0ea74' }],
    });
    expect(shown('gt_list_rigs', '1 rig.\n\n[{ "rig_id": "rig-d33d7eee" }]')).toMatchObject({ summary: '1 rig.', links: [] });
  });

  it('takes summary and links from what the runner kept, and says the summary once', () => {
    const kept = { summary: answer.summary, links: [{ kind: 'bead' as const, id: 'gt-1' }] };
    const card = (output: string | null) => shownAnswer({ tool: 'gt_sling', output, answer: kept });
    expect(card('gt-1 is in line\n\n{\n  "bead_id": "gt-2"\n}')).toEqual({ ...kept, text: '{\n  "bead_id": "gt-2"\n}' });
    expect(card('gt-1 is in line')).toEqual({ ...kept, text: null });
    expect(card(null)).toEqual({ ...kept, text: null });
    expect(card('something else').text).toBe('something else');
  });

  it('says that a call was refused and why, also where its program takes it for done (UI-18)', () => {
    const told = 'Refused (not_pushed): Your branch is not pushed.\nNext: Push it, then call gt_done again.';
    const refused = { summary: 'Your branch is not pushed.', refused: true };
    expect(shown('gt_done', told)).toEqual({ ...refused, links: [], text: told });
    expect(shown('done', `Error: ${told}`)).toMatchObject(refused);
    expect(shown('gt_done', JSON.stringify({ content: [{ type: 'text', text: told }], isError: true }))).toMatchObject(refused);
    expect(shown('bash', told).refused).toBeUndefined();
    const kept = { summary: 'Refused (not_pushed): is the text of a mail', links: [] };
    expect(shownAnswer({ tool: 'gt_mail_read', output: kept.summary, answer: kept }).refused).toBeUndefined();
  });

  it('shows any other output as the text it is', () => {
    expect(shown('bash', 'total 4\ndrwx')).toEqual({ summary: null, links: [], text: 'total 4\ndrwx' });
    expect(shown('bash', '{"a":1}').text).toBe('{"a":1}');
    expect(shown('bash', null).text).toBeNull();
  });

  it('names the tools of the town as the prompts do', () => {
    expect(toolTitle('sling')).toBe('gt_sling');
    expect(toolTitle('gt_sling')).toBe('gt_sling');
    expect(toolTitle('bash')).toBe('bash');
  });
});

it('a list that has more than its card links to says how many more', () => {
  const shown = (summary: string | null, links: number) => ({
    summary,
    text: null,
    links: Array.from({ length: links }, (_, n) => ({ kind: 'bead' as const, id: `gt-${n}` })),
  });
  expect(moreThan('list_beads', shown('100 beads.', 45))).toBe(55);
  expect(moreThan('gt_list_beads', shown('45 beads.', 45))).toBe(0);
  expect(moreThan('gt_sling', shown('3 things', 1))).toBe(0);
  expect(moreThan('gt_list_beads', shown(null, 0))).toBe(0);
});
