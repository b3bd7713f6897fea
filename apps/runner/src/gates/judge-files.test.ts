import { expect, test } from 'vitest';
import { gateRig } from '../testing/gate-rig.ts';

const PUT_BACK = expect.stringContaining('changed tracked files, which were put back');
const testing = async (files: Readonly<Record<string, string | Buffer>>, ...gates: string[]) => (await gateRig(20_000, files))(gates);

const HOSTILE = [
  ['working-tree-encoding=UTF-16LE', 'iconv -t UTF-16LE b.txt > x; cat x > b.txt'],
  ['text', "printf 'b $Id$\\r\\n' > b.txt"],
  ['ident', "echo 'b $Id: echo cheated $' > b.txt"],
] as const;
test.each(HOSTILE.flatMap(([attributes, change]) => ['', 'deep/'].map((folder) => ({ attributes, change, folder }))))(
  'with the attributes "$attributes" in "./$folder" a gate cannot have other bytes judged: they are put back, ignored or not (I5)',
  async ({ attributes, change, folder }) => {
    const result = await testing(
      { [`${folder}b.txt`]: 'b $Id$\n', '.gitignore': '.gitattributes\n' },
      `cd "./${folder}"; ${change}; touch -d 2001-01-01 b.txt; echo '* ${attributes}' > .gitattributes`,
      `cd "./${folder}"; test "$(od -An -c b.txt)" = "$(echo 'b $Id$' | od -An -c)" && ! test -e .gitattributes`,
    );
    expect(result).toMatchObject({ ok: true, value: { passed: true, gates: [{ output: PUT_BACK }, { exitCode: 0 }] } });
  },
);

test('attributes in the repository of the gates, and in their home, are not believed (I5)', async () => {
  const result = await testing(
    { 'b.txt': 'b\n' },
    `mkdir -p .git/info "$HOME/.config/git"; echo '* text' | tee .git/info/attributes > "$HOME/.config/git/attributes"; git config core.attributesFile "$PWD/more"; echo '* text' > more; printf 'b\\r\\n' > b.txt`,
    `test "$(od -An -c b.txt)" = "$(echo b | od -An -c)"`,
  );
  expect(result).toMatchObject({ ok: true, value: { passed: true, gates: [{ output: PUT_BACK }, { exitCode: 0 }] } });
});

const COMMITTED = {
  '.gitattributes': '*.txt text eol=crlf\n*.u16 working-tree-encoding=UTF-16LE\nid.c ident\n',
  'b.txt': 'b\n',
  'c.u16': Buffer.from('c\n', 'utf16le'),
  'id.c': '$Id$\n',
};
const AS_COMMITTED = `test "$(od -An -c b.txt)" = "$(printf 'b\\r\\n' | od -An -c)" && test "$(od -An -c c.u16)" = "$(printf 'c\\0\\n\\0' | od -An -c)" && grep -q '^.Id: [0-9a-f]* .$' id.c`;

test('files that the attributes of the commit convert are as committed when they lie there converted, and what a gate makes of them is put back so (I5)', async () => {
  expect(
    await testing(
      COMMITTED,
      AS_COMMITTED,
      'touch -d 2001-01-01 b.txt c.u16 id.c',
      "echo b > b.txt; printf c > c.u16; echo '$Id$' > id.c",
      AS_COMMITTED,
    ),
  ).toMatchObject({
    ok: true,
    value: {
      passed: true,
      gates: [
        { exitCode: 0, output: '' },
        { exitCode: 0, output: '' },
        { output: expect.stringContaining('put back: b.txt, c.u16, id.c]') },
        { exitCode: 0, output: '' },
      ],
    },
  });
});

test('attributes beside no file of the commit are the gate’s own, and stay (I5)', async () => {
  const result = await testing(
    { 'b.txt': 'b\n' },
    "mkdir -p packages/one; echo '* text' > packages/one/.gitattributes; printf 'x\\r\\n' > packages/one/x; echo cheated > b.txt",
    'test -f packages/one/.gitattributes && test -f packages/one/x && test "$(cat b.txt)" = b',
  );
  expect(result).toMatchObject({
    ok: true,
    value: { passed: true, gates: [{ output: expect.stringContaining('put back: b.txt]') }, { exitCode: 0 }] },
  });
});

test('a folder that is a link now, a file that lost its right to run, or that is gone, is a change (I5)', async () => {
  const result = await testing(
    { 'b.sh': 'b\n', 'deep/c.txt': 'c\n', 'd.txt': 'd\n' },
    'mv deep "$HOME/deep"; ln -s "$HOME/deep" deep; chmod +x b.sh; rm d.txt',
    'test ! -L deep && test "$(cat deep/c.txt d.txt)" = "$(printf "c\\nd")" && test ! -x b.sh',
  );
  expect(result).toMatchObject({
    ok: true,
    value: { passed: true, gates: [{ output: expect.stringContaining('put back: b.sh, d.txt, deep/c.txt]') }, { exitCode: 0 }] },
  });
});
