/**
 * Over ACP, Kilo CLI and OpenCode tell nothing of a sub-agent but the call that began it. This tells its calls as updates of the session that called it, with the name of that call; and, while it thinks or a
 * command of its prints, now and then that it lives. Each line is written whole, as the program itself writes them.
 * A model may go on with the conversation of a sub-agent of its own, and with no other: OpenCode itself would let it speak into that of any run in the process.
 * What a model tells a sub-agent is words: OpenCode would take `@path` in it for a person's wish, and read that file wherever it lies, without asking whether it may be read.
 */
export const SUB_AGENTS_PLUGIN = `const STATES = { running: 'in_progress', completed: 'completed', error: 'failed' };
const SIGN_MS = 15_000;
const MENTION = /(?<![\\w\`])@\\.?[^\\s\`,.@]*(?:\\.[^\\s\`,.@]+)*/g;
export const SubAgents = async ({ client }) => {
  const callers = new Map();
  const tell = (sessionId, update) =>
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', method: 'session/update', params: { sessionId, update } }) + '\\n');
  const tellAlive = (caller) => {
    if (Date.now() - caller.toldAt < SIGN_MS) return;
    caller.toldAt = Date.now();
    tell(caller.session, { sessionUpdate: 'tool_call_update', toolCallId: caller.call, status: 'in_progress' });
  };
  const tellCall = (caller, { id, tool, state }) => {
    const { session, call, running } = caller;
    const status = STATES[state.status];
    const known = running.has(id);
    if (status === undefined || (known && status === 'in_progress')) return tellAlive(caller);
    if (status === 'in_progress') running.add(id);
    else running.delete(id);
    const text = state.output ?? state.error;
    tell(session, {
      sessionUpdate: known ? 'tool_call_update' : 'tool_call',
      toolCallId: id,
      name: tool,
      title: state.title || state.input?.description || state.input?.command || tool,
      status,
      rawInput: state.input,
      ...(text !== undefined && { content: [{ type: 'content', content: { type: 'text', text } }] }),
      rawOutput: { metadata: { exit: state.metadata?.exit } },
      _meta: { gastown: { within: call } },
    });
  };
  const expectOwn = async (session, child) => {
    const { data } = await client.session.get({ path: { id: child } });
    if (data?.parentID !== session) throw new Error('Cannot resume ' + child + ': it is no sub-agent of this session.');
  };
  return {
    'tool.execute.before': async ({ tool, sessionID }, { args }) => {
      if (tool !== 'task') return;
      if (args.task_id) await expectOwn(sessionID, args.task_id);
      if (typeof args.prompt === 'string') args.prompt = args.prompt.replace(MENTION, '\`$&\`');
    },
    event: async ({ event }) => {
      if (event.type !== 'message.part.updated') return;
      const { part } = event.properties;
      const child = part.tool === 'task' ? part.state?.metadata?.sessionId : undefined;
      if (child !== undefined && STATES[part.state.status] !== 'in_progress') callers.delete(child);
      else if (child !== undefined && !callers.has(child)) callers.set(child, { session: part.sessionID, call: part.callID, running: new Set(), toldAt: Date.now() });
      const caller = callers.get(part.sessionID);
      if (caller === undefined) return;
      if (part.type === 'tool') tellCall(caller, part);
      else tellAlive(caller);
    },
  };
};
`;
