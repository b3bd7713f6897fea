import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { LIMITS } from '@gastown/protocol';
import type { AgentId, ConversationInfo, RunId } from '@gastown/protocol';
import { pastConversation } from '@gastown/prompts';
import type { PastWish } from '@gastown/prompts';
import type { Log } from '../system/log.ts';
import { isUntold, pastTurns } from './past.ts';
import { sessionTool } from './session-tool.ts';
import type { SessionAt, SessionTool } from './session-tool.ts';
import type { TownStore } from './town-store.ts';

/**
 * Conversations outlive the machine (DR-20 to DR-25). The store of a session is taken to the town when a turn of it ended and when its run does, and brought back before the session is opened where it is missing
 * or older. What cannot be brought back is told instead, from the transcript.
 *
 * Nothing here rejects: a conversation that could not be kept, or brought back, is logged, and the work goes on. What the town has is replaced by a whole newer one only.
 */
export interface Conversations {
  of(wish: ConversationWish): Conversation;
  /** What was said, for the first prompt of a session that remembers nothing. Null: nothing was, or nobody tells. */
  past(of: PastOf): Promise<string | null>;
  /** The agent's newest session began without what was said before, and ended before it was told. */
  untold(agentId: AgentId): Promise<boolean>;
}

interface PastOf extends Pick<PastWish, 'role' | 'why'> {
  readonly agentId: AgentId;
  /** Null: all that was said to the agent. */
  readonly runId: RunId | null;
}

export interface Conversation {
  /** Resolves when the newest state is with the town, or that failed. One at a time; asked again meanwhile, one more follows. */
  keep(sessionId: string, why: 'turn' | 'end'): Promise<void>;
  /** To be called when the agent's process runs and the session is not open yet. */
  bring(sessionId: string): Promise<'there' | 'brought' | 'none' | 'damaged'>;
}

interface ConversationWish extends Omit<SessionAt, 'sessionId' | 'place' | 'deadlineMs'> {
  readonly agentId: AgentId;
  /** Of the run: what an older one posts late is refused. */
  readonly generation: number;
  readonly kind: { readonly id: string; readonly sessions?: SessionAt['place'] | undefined };
}

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];
/** Of a session that nothing was said to there are a few notices only. */
const NEWEST = 20;
const MOST_UNPACKED = 512 * 1_048_576;
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

export function makeConversations(around: { town: TownStore; log: Log; now: () => number }): Conversations {
  const { town, log, now } = around;
  const soon = (): AbortSignal => AbortSignal.timeout(LIMITS.conversationMs.value);

  return {
    of(wish) {
      const { agentId, generation, kind } = wish;
      const toolFor = (sessionId: string): SessionTool | null =>
        kind.sessions === undefined
          ? null
          : sessionTool({ ...wish, place: kind.sessions, sessionId, deadlineMs: LIMITS.conversationMs.value });
      let running: Promise<void> = Promise.resolve();
      let following: Promise<void> | null = null;
      let kept: string | null = null;

      const keepNow = async (tool: SessionTool, sessionId: string, why: string): Promise<void> => {
        const signal = soon();
        const { extent, content } = await tool.read();
        if (extent === 0) return;
        const bytes = await pack(content);
        const sha256 = digest(bytes);
        if (sha256 === kept) return;
        if (bytes.byteLength > LIMITS.conversationBytes.value)
          return log('conversation.too_large', { agentId, sessionId, bytes: bytes.byteLength, limit: LIMITS.conversationBytes.value });
        await town.keep(agentId, { sessionId, agentKind: kind.id, generation, extent, sha256, at: now() }, bytes, signal);
        kept = sha256;
        log('conversation.kept', { agentId, sessionId, why, extent, bytes: bytes.byteLength });
      };

      const bringNow = async (tool: SessionTool, sessionId: string): Promise<'there' | 'brought' | 'none' | 'damaged'> => {
        const [here, known] = await Promise.all([tool.extent().catch(() => 0), askedFor(() => town.info(agentId, soon()))]);
        const [there, empty] = here > 0 ? (['there', 'there'] as const) : (['none', 'damaged'] as const);
        if (known === null || !isOf(known, sessionId, kind.id) || known.extent <= here) return there;
        const fetched = await askedFor(() => town.fetch(agentId, soon()));
        if (fetched === null) return empty;
        if (digest(fetched.bytes) !== fetched.info.sha256) throw new Error('what the town kept is damaged');
        await tool.write((await unpack(fetched.bytes, { maxOutputLength: MOST_UNPACKED })).toString('utf8'));
        log('conversation.brought', { agentId, sessionId, extent: fetched.info.extent, had: here });
        return 'brought';
      };
      const askedFor = async <T>(ask: () => Promise<T | null>): Promise<T | null> =>
        ask().catch((error: unknown) => {
          log('conversation.not_asked', { agentId, reason: reasonOf(error) });
          return null;
        });

      return {
        keep(sessionId, why) {
          const tool = toolFor(sessionId);
          if (tool === null) return Promise.resolve();
          following ??= running.then(() => {
            following = null;
            running = keepNow(tool, sessionId, why).catch((error: unknown) =>
              log('conversation.not_kept', { agentId, sessionId, why, reason: reasonOf(error) }),
            );
            return running;
          });
          return following;
        },
        async bring(sessionId) {
          const tool = toolFor(sessionId);
          if (tool === null) return 'none';
          try {
            return await bringNow(tool, sessionId);
          } catch (error) {
            log('conversation.not_brought', { agentId, sessionId, reason: reasonOf(error) });
            return 'damaged';
          }
        },
      };
    },
    async past({ agentId, runId, role, why }) {
      try {
        const signal = soon();
        const turns = await pastTurns((before, limit) => town.items(agentId, before, limit, signal), LIMITS.pastTurns.value, runId);
        return turns.length === 0 ? null : pastConversation(turns, { role, why, characters: LIMITS.pastCharacters.value });
      } catch (error) {
        log('conversation.no_past', { agentId, reason: reasonOf(error) });
        return null;
      }
    },
    async untold(agentId) {
      try {
        return isUntold((await town.items(agentId, null, NEWEST, soon())).map(({ item }) => item));
      } catch (error) {
        log('conversation.no_past', { agentId, reason: reasonOf(error) });
        return false;
      }
    },
  };
}

const isOf = (info: ConversationInfo, sessionId: string, agentKind: string): boolean =>
  info.sessionId === sessionId && info.agentKind === agentKind;
