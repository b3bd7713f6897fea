import type { StoryInput } from '../model/story.ts';

type SceneInput = StoryInput['scenes'][number];

const RIG = 'rig-[0-9a-f]{8}';
const BEAD = 'gt-[0-9a-f]{8}';
const NO_RIG = 'This town has no rig yet. Connect a repository first, then ask me again.';
const REFUSED = 'The town did not take the bead: its answer above says why.';

/** The id of the nth rig that `gt_list_rigs` told. */
export const rigId = (nth = 1, otherwise = NO_RIG) => ({ tool: 'gt_list_rigs', find: RIG, nth, otherwise });
/** The id of the nth bead that `gt_sling` made. */
export const slungBead = (nth = 1) => ({ tool: 'gt_sling', find: BEAD, nth, otherwise: REFUSED });

/** The Mayor hears a wish, looks at the rigs, slings one bead and says so. */
export const slingOne = (asked: string, title: string, body: string): SceneInput => ({
  id: 'mayor',
  when: { role: 'mayor', asked },
  find: { rig_id: rigId(), bead_id: slungBead() },
  steps: [
    { text: 'I will look at the rigs first. ', tool: 'gt_list_rigs', args: {} },
    { tool: 'gt_sling', args: { rig_id: '{{rig_id}}', title, body } },
    { text: `I put **${title}** in line as \`{{bead_id}}\`. A polecat takes it as soon as a slot is free; it lands when the tests pass.` },
  ],
});
