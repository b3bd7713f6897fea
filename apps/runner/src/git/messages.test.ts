import { expect, test } from 'vitest';
import { MergeId } from '@gastown/protocol';
import { commit, worktreeRig } from '../testing/worktree-rig.ts';
import { agentGit, MERGE, person, SIGNATURE } from '../testing/fixtures.ts';
import { HOSTILE_CASES } from './messages.hostile.ts';
import { commitOf, commitsBetween } from './refs.ts';
import { landedAs, squash } from './squash.ts';

const OTHER = MergeId.parse('mr-99999999');

async function setUp() {
  const rig = await worktreeRig();
  await rig.prepare();
  commit(rig.path, 'b.txt', 'b\n');
  const head = await rig.take();
  const base = await commitOf(rig.git, rig.mirror.path, 'refs/remotes/origin/main');
  return { ...rig, head, base };
}

test(`${HOSTILE_CASES.length} messages and names: a landing is found again by its own merge request, and is taken for no other's (I4, GT-11)`, async () => {
  const { git, mirror, head, base } = await setUp();
  for (const { id, message = 'Add a greeting', gitName = 'Ada', agentName = 'Toast' } of HOSTILE_CASES) {
    const made = await squash(git, mirror, { mergeId: MERGE, base, head, message, signature: { ...SIGNATURE, gitName, agentName } });
    if (!made.ok) throw new Error(`${id}: ${made.failure.message}`);
    expect([id, await landedAs(git, mirror, made.value, MERGE)]).toEqual([id, { ok: true, value: made.value }]);
    expect([id, await landedAs(git, mirror, made.value, OTHER)]).toEqual([id, { ok: true, value: null }]);
    const [people, ...trailers] = person(
      mirror.path,
      'log',
      '-1',
      '--format=%an <%ae>, %cn <%ce>%n%(trailers:only,unfold)',
      made.value,
    ).split('\n');
    expect([id, people]).toEqual([
      id,
      expect.stringMatching(/^[^<>]+ <ada@example\.invalid>, [^<>]+ \(Polecat\) <polecat@gastown\.invalid>$/),
    ]);
    expect([id, trailers.filter((line) => /^(merge-request|co-authored-by)/i.test(line))]).toEqual([
      id,
      [`Merge-Request: ${MERGE}`, expect.stringMatching(/^Co-authored-by: [^<>]+ \(Polecat\) <polecat@gastown\.invalid>$/)],
    ]);
  }
});

test('what an agent writes into its own commits is told to people on one line each, whole characters, and nothing turned around (I16, GT-15)', async () => {
  const { git, mirror, path, take } = await setUp();
  const said = ['\u001b[2Jgone', 'a \u202egnp.exe', `${'x'.repeat(499)}\u{1f600}`, 'ev\u200bil', 'a\u2028b'];
  for (const subject of said) agentGit(path, 'commit', '-q', '--allow-empty', '-m', subject);
  agentGit(path, 'commit', '-q', '--allow-empty', '--author', 'Ev\u202eil\u0007 <x@example.invalid>', '-m', 'named');
  const { commits } = await commitsBetween(git, mirror.path, null, await take(), said.length + 1);
  expect(commits.map(({ subject }) => subject)).toEqual(['[2Jgone', 'a  gnp.exe', `${'x'.repeat(499)}\ufffd`, 'evil', 'a b', 'named']);
  expect(commits.every(({ author }) => !/[\p{Cc}\u202e]/u.test(author))).toBe(true);
});
