import { describe, expect, it } from 'vitest';
import { shownAnswer, toolTitle } from './answer.ts';

const answer = { summary: 'gt-1 is in line', data: { place: 1 }, links: [{ kind: 'bead', id: 'gt-1' }] };

describe('a tool card', () => {
  it('shows the summary and the links of an answer of the town', () => {
    expect(shownAnswer(JSON.stringify(answer))).toMatchObject({ summary: 'gt-1 is in line', links: [{ kind: 'bead', id: 'gt-1' }] });
  });

  it('finds the answer inside the content list of an MCP result', () => {
    expect(shownAnswer(JSON.stringify({ content: [{ type: 'text', text: JSON.stringify(answer) }] })).summary).toBe('gt-1 is in line');
  });

  it('shows any other output as the text it is', () => {
    expect(shownAnswer('total 4\ndrwx')).toEqual({ summary: null, links: [], text: 'total 4\ndrwx' });
    expect(shownAnswer('{"a":1}').text).toBe('{"a":1}');
    expect(shownAnswer(null).text).toBeNull();
  });

  it('names the tools of the town as the prompts do', () => {
    expect(toolTitle('sling')).toBe('gt_sling');
    expect(toolTitle('bash')).toBe('bash');
  });
});
