import type { ModelConfig } from '@gastown/protocol';
import { expect, test } from 'vitest';
import { story } from '../testing.ts';

const OF_REHEARSAL: ModelConfig = { provider: 'custom', model: 'scripted', baseUrl: 'http://127.0.0.1:1/v1', price: null };

test('a town of the rehearsal is scripted until somebody chooses a model, whose key is then not the environment’s (AG-23)', () => {
  const { town } = story();
  town.send({ kind: 'town.environment', model: OF_REHEARSAL, modelKeyHint: 'abcd', scripted: true });
  const row = () => town.rows().town[0];
  expect(row()).toMatchObject({ scripted: true, canRehearse: false, modelKey: 'env', model: OF_REHEARSAL });
  const own = { ...OF_REHEARSAL, model: 'mine', baseUrl: 'http://127.0.0.1:11434/v1' };
  town.must({ kind: 'town.configure', model: own });
  expect(row()).toMatchObject({ scripted: false, canRehearse: true, modelKey: null, model: own });
  town.must({ kind: 'town.configure', model: { provider: 'openai', model: 'm', baseUrl: null, price: null } });
  expect(row()).toMatchObject({ scripted: false, modelKey: 'env' });
  town.must({ kind: 'town.configure', model: null });
  expect(row()).toMatchObject({ scripted: true, modelKey: 'env', model: OF_REHEARSAL });
});
