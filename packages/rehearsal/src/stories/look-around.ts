import type { StoryInput } from '../model/story.ts';

const FIRST_LINE = '"summary"\\s*:\\s*"([^"]+)"|^([^\\n{]+)';

/** A question to the Mayor, answered from what the town's tools tell at that moment. */
export const lookAround: StoryInput = {
  id: 'look-around',
  title: 'What is going on',
  suggestion: 'What is going on in this town?',
  scenes: [
    {
      id: 'mayor',
      when: {
        role: 'mayor',
        asked: "\\bwhat(?:'s| is) (?:going on|happening|the status)|\\bstatus\\b|\\bhow (?:is|are) (?:it|things|we)\\b",
      },
      find: {
        beads: { tool: 'gt_list_beads', find: FIRST_LINE, otherwise: 'The list of beads came back empty.' },
        agents: { tool: 'gt_list_agents', find: FIRST_LINE, otherwise: 'The list of agents came back empty.' },
      },
      steps: [
        {
          text: 'I will ask the town. ',
          tools: [
            { tool: 'gt_list_beads', args: {} },
            { tool: 'gt_list_agents', args: {} },
          ],
        },
        { text: 'Beads: {{beads}}\n\nAgents: {{agents}}' },
      ],
    },
  ],
};
