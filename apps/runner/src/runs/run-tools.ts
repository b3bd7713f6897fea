import { runInstructions } from '@gastown/prompts';
import { toolNaming } from '../agents/agent-kind.ts';
import type { AgentKind } from '../agents/agent-kind.ts';
import type { SessionWish } from '../agents/driver.ts';
import type { ToolServer } from '../mcp/server.ts';
import { makeAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { answerCall, makeCaller } from './calls.ts';
import { noteHandIn } from './place.ts';
import type { Place, RunStart } from './place.ts';
import type { Saver } from './save.ts';
import type { RunsSurroundings } from './surroundings.ts';

/** The tools that the agent of one run calls, at an address that the run's session has alone. */
export interface RunTools {
  readonly address: () => Required<Pick<SessionWish, 'toolUrl' | 'onProcess'>>;
  /** For another session: what the one before started may know its address. */
  renew(): void;
  dismiss(): void;
  readonly answerOf: Answers['take'];
}

interface ToolsWish {
  readonly effect: RunStart;
  readonly kind: AgentKind;
  readonly place: Place;
  readonly pool: string;
  readonly saver: Saver | null;
  readonly noticeActivity: () => void;
}

export function admitRun(around: RunsSurroundings, { effect, kind, place, pool, saver, noticeActivity }: ToolsWish): RunTools {
  const answers = makeAnswers();
  const caller = makeCaller({ effect, place, saver, noteHandIn: () => noteHandIn(around, effect.runId) });
  const guest = {
    role: effect.context.agent.role,
    instructions: runInstructions(effect.context, toolNaming(kind)),
    call: async (call) => {
      noticeActivity();
      const answer = await answerCall(around, caller, call);
      noticeActivity();
      if (answer.ok) answers.keep(call.tool, answer.value);
      return answer;
    },
    doorToken: () => around.askDoor(pool),
  } satisfies Parameters<ToolServer['admit']>[0];
  let admission = around.tools.admit(guest);
  return {
    address: () => ({ toolUrl: admission.url, onProcess: admission.from }),
    renew() {
      admission.dismiss();
      admission = around.tools.admit(guest);
    },
    dismiss: () => admission.dismiss(),
    answerOf: answers.take,
  };
}
