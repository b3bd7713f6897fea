import { toolLabel } from '@gastown/protocol';
import type { ToolAnswer, ToolName } from '@gastown/protocol';

/**
 * The newest answers of the town to one run's tools, until the agent program tells that the call is over. A program hands on only the text of an answer, so
 * links would be lost: an answer is found again by its tool and by its summary at the head of that text, and each is given out once.
 */
export interface Answers {
  keep(tool: ToolName, answer: ToolAnswer): void;
  /** `tool` as the transcript names it (`gt_sling`). Null: not a tool of ours, or its answer was a refusal. */
  take(tool: string, output: string): Told | null;
}

type Told = Pick<ToolAnswer, 'summary' | 'links'>;

const MOST = 32;
const MOST_LINKS = 50;

export function makeAnswers(): Answers {
  const kept: { label: string; told: Told }[] = [];
  return {
    keep(tool, { summary, links }) {
      kept.push({ label: toolLabel(tool), told: { summary, links: links.slice(0, MOST_LINKS) } });
      if (kept.length > MOST) kept.shift();
    },
    take(tool, output) {
      const found = kept.findIndex(({ label, told }) => label === tool && output.startsWith(told.summary));
      return found === -1 ? null : kept.splice(found, 1)[0]!.told;
    },
  };
}
