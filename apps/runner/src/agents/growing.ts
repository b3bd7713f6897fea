import type { TranscriptItem } from '@gastown/protocol';
import type { Redactor } from '../system/redact.ts';
import { beforeCut } from './tool-output.ts';

export type ToolItem = Extract<TranscriptItem, { kind: 'tool' }>;

/** What tool calls under way gave so far, on its way into the transcript: the end of it, now and then, as long as it grows. The whole comes with the end of the call. */
export interface Growing {
  add(item: ToolItem): void;
  /** The call was told as it is now. */
  settle(id: string): void;
  stop(): void;
}

export interface GrowingSurroundings {
  readonly redactor: Pick<Redactor, 'redact' | 'begun'>;
  /** Nothing else waits: what is told in between must not keep, or push out, what lasts. */
  readonly isFree: () => boolean;
  readonly put: (item: ToolItem) => void;
}

/** Each is a write of the town. */
const EVERY_MS = 3_000;
/** Characters. */
const MOST_SHOWN = 4_000;

export function makeGrowing({ redactor, isFree, put }: GrowingSurroundings): Growing {
  const latest = new Map<string, ToolItem>();
  const told = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;

  const wait = (): void => void (timer ??= setTimeout(tell, EVERY_MS));
  const tell = (): void => {
    timer = null;
    if (!isFree()) return wait();
    for (const item of latest.values()) {
      const output = endOf(item.output ?? '', redactor);
      if (output === '' || told.get(item.id) === output) continue;
      told.set(item.id, output);
      put({ ...item, output });
    }
    latest.clear();
  };
  return {
    add(item) {
      latest.set(item.id, item);
      wait();
    },
    settle(id) {
      latest.delete(id);
      told.delete(id);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      latest.clear();
      told.clear();
    },
  };
}

/** Cut after the secrets are out: a part of one is none to the redactor. What may be the beginning of one waits for what follows. */
function endOf(output: string, { redact, begun }: GrowingSurroundings['redactor']): string {
  const { before, mark } = beforeCut(output);
  const clean = redact(before.slice(0, before.length - begun(before)));
  if (clean.length <= MOST_SHOWN) return clean + mark;
  const end = clean.slice(-MOST_SHOWN);
  return `… (the end of ${clean.length} characters)\n${end.slice(end.indexOf('\n') + 1)}${mark}`;
}
