import type { Story } from './story.ts';
import { MACHINES } from './stories/machines.ts';
import { MERGES } from './stories/merges.ts';
import { PATROLS } from './stories/patrols.ts';
import { PEOPLE } from './stories/people.ts';
import { PLACES } from './stories/places.ts';
import { WORK } from './stories/work.ts';

export const STORIES: readonly Story[] = [...WORK, ...MERGES, ...PLACES, ...PATROLS, ...PEOPLE, ...MACHINES];
