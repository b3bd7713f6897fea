import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_PERMISSIONS } from '@gastown/protocol';
import { tempFolder } from '../testing/fixtures.ts';
import { AgentKind, apiFor, logicalTool } from './agent-kind.ts';
import { AGENT_KINDS } from './catalogue.ts';
import { installedAgents, readAgentsFile } from './installed.ts';
import { prepare } from './setup.ts';

const ROW = {
  id: 'mine',
  label: 'My agent',
  program: { command: 'my-agent' },
  args: ['--home', '{home}'],
  variables: { KEY: '{token}' },
  files: { 'mine/config.json': '{"url":"{door}/llm/openai","model":"{model}","free":{other}}' },
  toolPattern: 'gt-{tool}',
  apis: ['chat'],
  role: 'instructions',
};

function fileOf(rows: unknown): string {
  const file = join(tempFolder(), 'agents.json');
  writeFileSync(file, typeof rows === 'string' ? rows : JSON.stringify(rows));
  return file;
}

const setup = {
  folders: { home: '/h', data: '/d', config: '/c', state: '/s' },
  door: 'http://town',
  doorToken: 'secret',
  servicePassword: 'sesame',
  plugin: null,
  model: 'a "model"',
  api: 'chat' as const,
  permissions: DEFAULT_PERMISSIONS,
  rolePrompt: () => 'role',
};

test('each row of the catalogue is one that a file could hold', () => {
  for (const kind of AGENT_KINDS) expect(AgentKind.parse(JSON.parse(JSON.stringify(kind)))).toEqual(kind);
});

test('a row of a file is an agent like any other when its program is in PATH; one of the same id replaces the catalogue’s', () => {
  const bin = tempFolder();
  const file = fileOf([ROW, { ...ROW, id: 'kilo', label: 'Other Kilo' }]);
  const ids = () => {
    const found = installedAgents({ path: bin }, file);
    return found.ok ? found.value.map(({ kind, program }) => `${kind.label} ${program}`) : [found.failure.message];
  };
  expect(ids().filter((each) => each.startsWith('My agent'))).toEqual([]);
  writeFileSync(join(bin, 'my-agent'), '#!/bin/sh\n');
  chmodSync(join(bin, 'my-agent'), 0o755);
  expect(ids()).toEqual(expect.arrayContaining([`My agent ${bin}/my-agent`, `Other Kilo ${bin}/my-agent`]));
  expect(ids().filter((each) => each.startsWith('Kilo CLI'))).toEqual([]);
});

test('a package of a folder of its own is found, and one in JavaScript runs on this Node', () => {
  const folder = tempFolder();
  const at = join(folder, 'node_modules', '@agentclientprotocol', 'claude-agent-acp', 'dist');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'index.js'), '');
  const found = installedAgents({ path: '', folder }, null);
  expect(found.ok && found.value.find(({ kind }) => kind.id === 'claude')).toMatchObject({
    program: process.execPath,
    before: [join(at, 'index.js')],
  });
});

test('a folder is no program, though who may pass through it may "run" it', () => {
  const found = installedAgents(
    { path: '/' },
    fileOf([
      { ...ROW, program: { command: '/tmp' } },
      { ...ROW, id: 'other', program: { command: 'tmp' } },
    ]),
  );
  expect(found.ok && found.value.map(({ kind }) => kind.id).filter((id) => id === 'mine' || id === 'other')).toEqual([]);
});

test.each([
  ['/nowhere/agents.json', /cannot be read \(ENOENT\)/],
  ['/dev/zero', /is no file/],
  ['/tmp', /is no file/],
  [() => fileOf(' '.repeat(1_048_577)), /has more than 1048576 bytes/],
  [() => fileOf('{'), /is not JSON/],
  [() => fileOf([{ ...ROW, toolPattern: 'tool', apis: [] }]), /toolPattern[^]*apis|apis[^]*toolPattern/],
  [() => fileOf([{ ...ROW, files: { '../escape': 'x' } }]), /escape/],
  [() => fileOf([{ ...ROW, surprise: 1 }]), /surprise/],
  [() => fileOf([ROW, ROW]), /two rows are called "mine"/],
])('a wrong file of agents is refused with what is wrong (%#)', (file, says) => {
  const read = readAgentsFile(typeof file === 'string' ? file : file());
  expect(read).toMatchObject({ ok: false, failure: { code: 'invalid_input', message: expect.stringMatching(says) } });
});

test('slots are filled, escaped in files, and what is no slot stays', () => {
  const prepared = prepare(AgentKind.parse(ROW), setup);
  expect(prepared).toEqual({
    args: ['--home', '/h'],
    variables: { KEY: 'secret' },
    files: { 'mine/config.json': '{"url":"http://town/llm/openai","model":"a \\"model\\"","free":{other}}' },
    locks: null,
  });
  expect(prepare(AGENT_KINDS[0]!, setup).locks).toBe('/s/kilo/locks');
});

test('a service that an agent program opens on the machine has a password, which only the runner and its cell know (design/runner.md §1)', () => {
  for (const id of ['kilo', 'opencode']) {
    const { variables, args } = prepare(
      AGENT_KINDS.find((kind) => kind.id === id)!,
      setup,
    );
    expect(variables).toMatchObject({ [`${id.toUpperCase()}_SERVER_PASSWORD`]: 'sesame' });
    expect(args.join(' ')).not.toContain('sesame');
  }
});

test('the settings of a rig reach the permissions of Kilo: what is asked for is offered, what is denied is not', () => {
  const config = (permissions: object) => {
    const { variables } = prepare(AGENT_KINDS[0]!, { ...setup, permissions: { ...DEFAULT_PERMISSIONS, ...permissions } });
    return JSON.parse(variables['KILO_CONFIG_CONTENT']!);
  };
  expect(config({})).toMatchObject({
    tools: { webfetch: false },
    agent: { polecat: { permission: { bash: 'allow', webfetch: 'deny', external_directory: 'deny' } } },
  });
  const asks = config({ web: 'ask', commands: 'ask' });
  expect(asks.tools.webfetch).toBeUndefined();
  expect(asks.agent.polecat.permission).toMatchObject({ bash: 'ask', webfetch: 'ask', external_directory: 'deny' });
  expect(asks.agent.mayor.permission).toMatchObject({ bash: 'deny', webfetch: 'deny' });
});

test('an agent speaks the first of its APIs that the model has, and reports our tools by many names', () => {
  const kind = (id: string) => AGENT_KINDS.find((each) => each.id === id)!;
  expect([apiFor(kind('kilo'), 'anthropic'), apiFor(kind('codex'), 'openai'), apiFor(kind('codex'), 'anthropic')]).toEqual([
    'messages',
    'responses',
    null,
  ]);
  expect(['mcp.gt.done', 'mcp__gt__done', 'exec_command'].map((name) => logicalTool(kind('codex'), name))).toEqual([
    'gt_done',
    'gt_done',
    'exec_command',
  ]);
});
