import type { StoryInput } from '../model/story.ts';

/** The Mayor is told a fact and asked for it later; the answer comes from the conversation that the request carries, or not at all. */
export const remember: StoryInput = {
  id: 'remember',
  title: 'The Mayor remembers',
  scenes: [
    {
      id: 'told',
      when: { role: 'mayor', asked: '\\b(?:our|the) release is (?:called|named) \\W*(?<release>[\\w-]+)' },
      steps: [{ text: 'Noted: our release is called **{{release}}**.' }],
    },
    {
      id: 'asked',
      when: { role: 'mayor', asked: "\\bwhat(?:'s| is) (?:our|the) release(?:'s name| called| named)" },
      find: {
        release: {
          said: '\\b(?:our|the) release is (?:called|named) \\W*([\\w-]+)',
          otherwise: 'I do not know: nobody told me in this conversation.',
        },
      },
      steps: [{ text: 'It is called **{{release}}**; you told me earlier.' }],
    },
  ],
};
