import type { AgentId } from '@gastown/protocol';
import { describe, expect, test } from 'vitest';
import { silentPolecat, story, type Script, type Story } from '../testing.ts';

/** What agents were given to read: at a start, or as messages. */
function reading(one: Story) {
  const told: string[] = [];
  const { prompt } = one.runner.script;
  one.runner.script.prompt = (runner, sent) => {
    told.push(sent.text);
    prompt(runner, sent);
  };
  const agent = (name: string): AgentId => one.town.rows().agents.find((row) => row.name === name)!.id;
  const write = (name: string, body: string) =>
    one.town.must<{ mailId: string }>({ kind: 'mail.send', agentId: agent(name), subject: 'HELP', body });
  const mail = () => one.town.rows().mail;
  return { told, agent, write, mail };
}
function atWork(script: Partial<Script> = {}) {
  const one = story({ polecat: silentPolecat, ...script });
  const beadId = one.wish('Add X');
  one.runner.work();
  return { ...one, beadId, start: one.runner.starts[0]!, ...reading(one) };
}

describe('mail', () => {
  test('is a bead of its own type and no work: no agent is sent to it, and it is on no board (MS-1, MS-3, DM-1)', () => {
    const { town, write, mail } = atWork();
    const { mailId } = write('Toast', 'mind the tests');
    expect(town.sql.all('SELECT type, status, rig_id FROM beads WHERE id = ?', mailId)).toMatchObject([
      { type: 'message', status: 'open' },
    ]);
    expect(mail()).toMatchObject([{ from: 'Ada', fromAgentId: null, subject: 'HELP', body: 'mind the tests', deliveredAt: null }]);
    expect(town.rows().beads.map((bead) => bead.id)).not.toContain(mailId);
  });

  test('comes to an agent at work when it is idle, once, and is closed then (MS-2, MS-3, I13)', () => {
    const { runner, start, told, write, mail, town } = atWork();
    write('Toast', 'mind the tests');
    expect(told).toEqual([]);
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(told.filter((text) => text.includes('mind the tests'))).toHaveLength(1);
    expect(mail()[0]?.deliveredAt).not.toBeNull();
    expect(town.sql.all(`SELECT status FROM beads WHERE type = 'message'`)).toEqual([{ status: 'closed' }]);
  });

  test('to an agent without a run waits for its next start and comes with it, once (MS-2)', () => {
    const { runner, told, write, mail, town, wish, beadId } = atWork();
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    write('Toast', 'for the next time');
    town.sleep(600_000, () => runner.work());
    expect(mail()[0]?.deliveredAt).toBeNull();
    wish('another');
    runner.work();
    const last = runner.starts.at(-1)!;
    expect(last.context.mail).toMatchObject([{ from: 'Ada', subject: 'HELP', body: 'for the next time' }]);
    expect(mail()[0]?.deliveredAt).not.toBeNull();
    runner.report({ kind: 'turn.ended', runId: last.runId, generation: last.generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(told.filter((text) => text.includes('for the next time'))).toEqual([]);
  });

  test('a start that failed did not deliver: the next one takes it along (MS-8)', () => {
    const { runner, write, mail, town, wish, beadId } = atWork();
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    write('Toast', 'still here');
    const works = runner.script['run.start'];
    runner.script['run.start'] = () => ({ state: 'failed', failure: { code: 'setup_failed', message: 'no space' }, retry: true });
    wish('another');
    runner.work();
    expect(mail()[0]?.deliveredAt).toBeNull();
    runner.script['run.start'] = works;
    town.sleep(600_000, () => runner.work());
    expect(runner.starts[1]!.context.mail).toMatchObject([{ body: 'still here' }]);
    expect(mail()[0]?.deliveredAt).not.toBeNull();
  });

  test('a message that was on its way when the run ended is not lost (MS-2, MS-8)', () => {
    const { runner, write, mail, town, wish, beadId } = atWork();
    write('Toast', 'in the middle');
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    runner.work();
    expect(mail()[0]?.deliveredAt).toBeNull();
    wish('another');
    runner.work();
    expect(runner.starts.at(-1)!.context.mail).toMatchObject([{ body: 'in the middle' }]);
  });

  test('reading by the tool closes, and what was read does not come again (MS-3)', () => {
    const { runner, start, told, write, mail } = atWork();
    write('Toast', 'one');
    write('Toast', 'two');
    const read = runner.tool(start, 'mail_check', {});
    expect(read).toMatchObject({ ok: true, value: { data: [{ from: 'Ada', body: 'one' }, { body: 'two' }] } });
    expect(runner.tool(start, 'mail_check', {})).toMatchObject({ ok: true, value: { summary: 'No unread message.' } });
    expect(mail().every((row) => row.deliveredAt !== null)).toBe(true);
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(told.filter((text) => text.startsWith('Mail'))).toEqual([]);
  });

  test('from a polecat wakes the Mayor, and is its own words (MS-1, AG-5)', () => {
    const { runner, start, told, agent, mail } = atWork();
    const sent = runner.tool(start, 'mail_send', { to_agent_id: agent('Mayor'), subject: 'HELP', body: 'which database?' });
    expect(sent).toMatchObject({ ok: true });
    runner.work();
    expect(told.filter((text) => text.includes('which database?'))).toHaveLength(1);
    expect(mail()[0]).toMatchObject({ from: 'app/polecat/Toast', fromAgentId: agent('Toast') });
    expect(mail()[0]?.deliveredAt).not.toBeNull();
  });

  test('gt_prime names what is unread and leaves it unread (AG-9)', () => {
    const { runner, start, write, mail } = atWork();
    write('Toast', 'later');
    const told = runner.tool(start, 'prime', {});
    expect(told).toMatchObject({ ok: true, value: { data: { mail: [{ subject: 'HELP', body: null }] } } });
    expect(mail()[0]?.deliveredAt).toBeNull();
  });

  test('a person can read in the agent’s stead; twice is once; an unknown agent and an overfull box are refused', () => {
    const { write, mail, town, agent, told, runner, start } = atWork();
    const { mailId } = write('Toast', 'never mind');
    town.must({ kind: 'mail.read', mailId: mailId as never });
    town.must({ kind: 'mail.read', mailId: mailId as never });
    expect(mail()[0]?.deliveredAt).not.toBeNull();
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(told.filter((text) => text.startsWith('Mail'))).toEqual([]);
    const nobody = town.person({ kind: 'mail.send', agentId: 'ag-00000000' as AgentId, subject: 'x', body: 'y' });
    expect(nobody).toMatchObject({ ok: false, failure: { code: 'unknown_agent' } });
    town.must({ kind: 'town.pause' });
    for (let n = 0; n < 50; n += 1) write('Toast', `letter ${n}`);
    const more = town.person({ kind: 'mail.send', agentId: agent('Toast'), subject: 'x', body: 'y' });
    expect(more).toMatchObject({ ok: false, failure: { code: 'mailbox_full' } });
  });
});

describe('nudges between agents', () => {
  test('a polecat nudges the Mayor and the Mayor a polecat; nobody at work is a refusal that names mail (MS-10)', () => {
    const { runner, start, agent, told, town, beadId } = atWork();
    expect(runner.tool(start, 'nudge', { to_agent_id: agent('Mayor'), message: 'look here' })).toMatchObject({ ok: true });
    runner.work();
    expect(told).toContain('look here');
    const mayor = runner.starts.find((one) => one.context.agent.role === 'mayor')!;
    expect(runner.tool(mayor, 'nudge', { to_agent_id: agent('Toast'), message: 'use the other one', mode: 'immediate' })).toMatchObject({
      ok: true,
    });
    runner.work();
    expect(town.handed.some((due) => due.effect.kind === 'run.interrupt')).toBe(true);
    town.must({ kind: 'bead.set_status', beadId, status: 'closed' });
    expect(runner.tool(mayor, 'nudge', { to_agent_id: agent('Toast'), message: 'hello?' })).toMatchObject({
      ok: false,
      failure: { code: 'run_over', next: expect.stringContaining('Write a mail') },
    });
  });

  test('agents cannot bury each other in messages (I8)', () => {
    const { runner, start, agent } = atWork();
    for (let n = 0; n < 20; n += 1)
      expect(runner.tool(start, 'nudge', { to_agent_id: agent('Toast'), message: `note ${n}` })).toMatchObject({ ok: true });
    expect(runner.tool(start, 'nudge', { to_agent_id: agent('Toast'), message: 'one more' })).toMatchObject({
      ok: false,
      failure: { code: 'mailbox_full' },
    });
  });

  test('what a person says with an acknowledgement reaches the agent that asked (MS-11)', () => {
    const { runner, start, town, told } = atWork();
    runner.tool(start, 'escalate', { severity: 'medium', category: 'decision', message: 'Which colour?' });
    town.must({ kind: 'escalation.acknowledge', escalationId: town.rows().escalations[0]!.id, note: 'blue' });
    runner.report({ kind: 'turn.ended', runId: start.runId, generation: start.generation, stopReason: 'end_turn', failure: null });
    runner.work();
    expect(told.some((text) => text.includes('Which colour?') && text.includes('blue'))).toBe(true);
  });
});
