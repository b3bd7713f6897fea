import { expect, test } from 'vitest';
import { addNudge, findNudge } from '../messages/store.ts';
import { seededRandom } from '../testing/random.ts';
import { talking } from '../testing/talking.ts';
import { openTx } from '../tx.ts';
import { expireUnread } from './unread.ts';

/** The Mayor and a polecat in their turns, and messages that nobody reads. */
function writing() {
  const one = talking();
  const { town } = one;
  const random = seededRandom(7);
  const polecat = () => town.rows().agents.find((agent) => agent.id === one.polecatId)!;
  /** What is told of it, and to whom. */
  const unread = (source: string, text: string, agentId: string = one.polecatId) => {
    const before = new Set(town.rows().nudges.map(({ id }) => id));
    const tx = openTx(town.sql, { now: town.now, random: (bytes) => random.hex(bytes) }, { kind: 'town' }, 'test');
    const id = addNudge(tx, { agentId: agentId as never, text, mode: 'wait-idle', source }, false);
    expireUnread(tx, findNudge(town.sql, id)!);
    return town.rows().nudges.filter((nudge) => !before.has(nudge.id) && nudge.id !== id);
  };
  return { ...one, polecat, unread };
}

test('a message that nobody will read comes back to who wrote it, by its reader’s name, and has a time to live itself (AG-14, MS-6)', () => {
  const { unread, mayorId, polecat, town } = writing();
  const [word, ...more] = unread('mayor', 'mind the gap');
  expect(word).toMatchObject({ agentId: mayorId, source: 'town', mode: 'wait-idle', state: 'pending' });
  expect(word!.text).toBe(`${polecat().name} did not read your message, and will not. You wrote:\n\nmind the gap`);
  expect(more).toEqual([]);
  expect(town.sql.all('SELECT id FROM nudges WHERE id = ? AND expires_at > ?', word!.id, town.now)).toHaveLength(1);
  expect(unread('mayor', 'and you?', 'ag-00000000000a')[0]?.text).toMatch(/^ag-00000000000a did not read/);
});

test('up to 200 characters of it are quoted (AG-14)', () => {
  const { unread } = writing();
  const quoted = (length: number) => unread('mayor', 'x'.repeat(length))[0]!.text.split('\n\n')[1];
  expect(quoted(200)).toBe('x'.repeat(200));
  expect(quoted(201)).toBe(`${'x'.repeat(200)}…`);
});

test('a polecat hears of it as long as it works on something; nobody hears of what it wrote to itself (AG-14)', () => {
  const { unread, mayorId, polecatId, polecat, town } = writing();
  const { identity } = polecat();
  expect(unread(identity, 'done soon?', mayorId)).toMatchObject([{ agentId: polecatId }]);
  expect(unread(identity, 'note to self')).toEqual([]);
  expect(unread('mayor', 'note to self', mayorId)).toEqual([]);
  town.must({ kind: 'town.pause' });
  town.must({ kind: 'agent.reset', agentId: polecatId });
  expect(unread(identity, 'done soon?', mayorId)).toEqual([]);
});

test('unread mail of its reader is another matter (MS-2)', () => {
  const { unread, polecatId, town } = writing();
  town.must({ kind: 'mail.send', agentId: polecatId, subject: 'HELP', body: 'stays' });
  expect(town.rows().mail).toHaveLength(1);
  expect(unread('mayor', 'mind the gap')).toHaveLength(1);
});
