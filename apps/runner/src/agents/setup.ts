import { join } from 'node:path';
import type { ModelApi, Permissions, Role } from '@gastown/protocol';
import type { AgentKind } from './agent-kind.ts';
import { openCodeConfig, openCodeVariables } from './opencode-family.ts';

/** What an agent process must be told. */
export interface AgentSetup {
  readonly folders: Readonly<Record<'home' | 'data' | 'config' | 'state', string>>;
  /** Base address of the model door. */
  readonly door: string;
  readonly doorToken: string;
  /** Of the service that the program opens on this machine, if it opens one. */
  readonly servicePassword: string;
  /** A file that the program runs inside itself, where it takes plugins. */
  readonly plugin: string | null;
  readonly model: string;
  readonly api: ModelApi;
  readonly permissions: Permissions;
  readonly rolePrompt: (role: Role) => string;
}

export interface Prepared {
  readonly args: string[];
  readonly variables: Record<string, string>;
  /** By path, below the config folder. */
  readonly files: Record<string, string>;
  readonly locks: string | null;
}

export function prepare(kind: AgentKind, setup: AgentSetup): Prepared {
  const plain = filler(setup, (value) => value);
  const escaped = filler(setup, (value) => JSON.stringify(value).slice(1, -1));
  const family = kind.openCode === undefined ? { variables: {}, files: {} } : openCodeSetup(kind.openCode, setup);
  return {
    args: kind.args.map(plain),
    variables: {
      ...family.variables,
      ...(kind.attach && { [kind.attach.password]: setup.servicePassword }),
      ...valuesOf(kind.variables, plain),
    },
    files: { ...family.files, ...valuesOf(kind.files, escaped) },
    locks: kind.locks === undefined ? null : plain(kind.locks),
  };
}

function openCodeSetup({ prefix, config }: NonNullable<AgentKind['openCode']>, setup: AgentSetup): Pick<Prepared, 'variables' | 'files'> {
  const text = JSON.stringify(openCodeConfig(setup));
  const variables = openCodeVariables(prefix);
  if (config === 'variable') return { variables: { ...variables, [`${prefix}_CONFIG_CONTENT`]: text }, files: {} };
  const file = 'gastown.json';
  return { variables: { ...variables, [`${prefix}_CONFIG`]: join(setup.folders.config, file) }, files: { [file]: text } };
}

const valuesOf = (record: Readonly<Record<string, string>>, map: (text: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, text]) => [name, map(text)]));

/** A slot that is not ours stays: braces are common in files. */
function filler({ folders, door, doorToken, model }: AgentSetup, escape: (value: string) => string): (text: string) => string {
  const slots: Record<string, string> = { ...folders, door, token: doorToken, model };
  return (text) => text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => (slots[name] === undefined ? whole : escape(slots[name])));
}
