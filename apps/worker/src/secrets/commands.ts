import type { PersonCommand } from '@gastown/protocol';
import type { SealedSecret } from '@gastown/town';
import { hintOf, seal, type Purpose } from './seal.ts';

export interface SealedCommand {
  readonly command: PersonCommand;
  readonly secret: SealedSecret | null;
}

/** Takes the clear secret out of a command, so that nothing behind the edge (the town, its stored answers, its ledger) ever holds it (CF-4, I16). */
export async function sealCommand(sealKey: string, townId: string, command: PersonCommand): Promise<SealedCommand> {
  const { clear, purpose, stripped } = split(command);
  if (!clear) return { command: stripped, secret: null };
  return { command: stripped, secret: { sealed: await seal(sealKey, townId, purpose, clear), hint: hintOf(clear) } };
}

function split(command: PersonCommand): { clear: string | null; purpose: Purpose; stripped: PersonCommand } {
  switch (command.kind) {
    case 'rig.add': {
      const { token, ...stripped } = command;
      return { clear: token ?? null, purpose: 'rig-token', stripped };
    }
    case 'rig.set_token':
      return { clear: command.token, purpose: 'rig-token', stripped: { ...command, token: null } };
    case 'town.set_model_key':
      return { clear: command.key, purpose: 'model-key', stripped: { ...command, key: null } };
    default:
      return { clear: null, purpose: 'rig-token', stripped: command };
  }
}
