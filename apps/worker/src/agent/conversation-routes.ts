import { CONVERSATION_HEADER, ConversationInfo, failure, LIMITS } from '@gastown/protocol';
import { answerRefusal, answerResult, refuseWith } from '../edge/answers.ts';
import { parseAs, readBytes } from '../edge/body.ts';
import type { AgentRpc } from './rpc.ts';

/** The runner keeps the store of an agent's session here, and fetches it on a machine that lacks it (DR-20, DR-22). */
type Agent = Pick<AgentRpc, 'keepConversation' | 'conversationInfo' | 'conversation'>;

/** A body that broke off on its way, is another than was announced, or older than what is kept, changes nothing. */
export async function keepConversation(agent: Agent, request: Request): Promise<Response> {
  const info = parseAs(ConversationInfo, jsonOf(request.headers.get(CONVERSATION_HEADER)));
  const bytes = await readBytes(request, LIMITS.conversationBytes.value);
  if ((await sha256(bytes)) !== info.sha256) refuseWith('invalid_input', 'The bytes are not those that the header announces.');
  return answerResult(await agent.keepConversation(info, bytes));
}

export async function giveConversation(agent: Agent, request: Request): Promise<Response> {
  if (new URL(request.url).searchParams.get('only') === 'info') {
    const info = await agent.conversationInfo();
    return info === null ? missing() : new Response(null, { headers: { [CONVERSATION_HEADER]: JSON.stringify(info) } });
  }
  const kept = await agent.conversation();
  if (kept === null) return missing();
  const headers = { [CONVERSATION_HEADER]: JSON.stringify(kept.info), 'content-type': 'application/octet-stream' };
  return new Response(kept.bytes, { headers });
}

const missing = (): Response => answerRefusal(failure('unknown_conversation'));

function jsonOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
