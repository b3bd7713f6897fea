import { expect, test } from 'vitest';
import { GOOD_TOKEN, MODEL_KEY, mustHideSecrets, OTHER_TOKEN, secretOf } from './secrets.ts';

test('each secret of the people is found, sealed and not, and is told with what stands around it (I16)', () => {
  for (const token of [GOOD_TOKEN, OTHER_TOKEN, MODEL_KEY]) {
    const { sealed } = secretOf({ kind: 'town.set_model_key', key: token })!;
    for (const text of [token, sealed])
      expect(() => mustHideSecrets('a frame', { put: { rigs: [{ name: `app ${text}` }] } })).toThrow(
        /a secret is in a frame: .*name":"app /,
      );
  }
  expect(secretOf({ kind: 'town.set_model_key', key: 'mistyped' })?.sealed).toBe('sealed:mistyped');
  expect(() => mustHideSecrets('a frame', 'sealed:mistyped')).toThrow('a secret is in a frame');
});

test('what is shown of a secret, and what speaks of secrets, is none (I16)', () => {
  const { hint } = secretOf({ kind: 'town.set_model_key', key: MODEL_KEY })!;
  expect(() => mustHideSecrets('a frame', { modelKey: hint, title: 'the token is sealed; a secret-like word' })).not.toThrow();
});
