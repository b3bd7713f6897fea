import { storyLibrary } from '../model/story.ts';
import type { StoryLibrary } from '../model/story.ts';
import { acceptArray } from './accept-array.ts';
import { addCharset } from './add-charset.ts';
import { addFormat } from './add-format.ts';
import { lookAround } from './look-around.ts';
import { remember } from './remember.ts';
import { twoRigs } from './two-rigs.ts';

/** Every story over the sample repository, the most natural wish first. Checked when this file is loaded. */
export const stories: StoryLibrary = storyLibrary([addFormat, acceptArray, addCharset, twoRigs, lookAround, remember]);

/** Wishes that a newcomer can type in a demo; the page offers them. */
export const suggestions: readonly string[] = stories.stories.flatMap(({ suggestion }) => (suggestion === undefined ? [] : [suggestion]));
