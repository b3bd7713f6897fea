import type { ModelConfig, RoleModels as Stored } from '@gastown/protocol';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { TownIdContext } from '../shell/town-id.ts';
import { effortText } from './effort.tsx';
import { rolesChanged, roleTyped, typedRole, typedRoles } from './role-model.ts';
import { RoleModels } from './RoleModels.tsx';

const PRICE = { input: 1_000_000, output: 2_500_000, cacheRead: 100_000, cacheWrite: 1_250_000 };
const TOWN: ModelConfig = { provider: 'anthropic', model: 'big-1', baseUrl: null, price: PRICE, effort: 'medium' };
const SMALL = { provider: 'anthropic', model: 'small-1', price: PRICE } as const;
const shown = (roleModels: Stored, model = TOWN) =>
  renderToStaticMarkup(
    <TownIdContext value="k3v9">
      <RoleModels town={{ roleModels }} model={model} />
    </TownIdContext>,
  );

describe('a model and an effort by role (CF-1, CF-2)', () => {
  it('what is not set says what the town has', () => {
    const html = shown({});
    expect(html.match(/placeholder="As the town: big-1"/g)).toHaveLength(2);
    expect(html.match(/<option value="" selected="">As the town: medium<\/option>/g)).toHaveLength(2);
    expect(html).not.toContain('Price of a million tokens');
  });

  it('what is set is shown, with its price where the provider tells none', () => {
    const html = shown({ polecat: { model: SMALL, effort: 'high' } });
    expect(html).toMatch(/aria-label="Model of Polecats"[^>]*value="small-1"/);
    expect(html).toMatch(/aria-label="Output of Polecats"[^>]*value="2.5"/);
    expect(html).toContain('<option value="high" selected="">High</option>');
    expect(shown({ polecat: { model: { ...SMALL, provider: 'kilo' } } }, { ...TOWN, provider: 'kilo' })).not.toContain(
      'Price of a million',
    );
  });

  it('a model of another provider is named, and said not to be used', () => {
    const html = shown({ mayor: { model: { ...SMALL, provider: 'openai' } } });
    expect(html).toContain('small-1 is a model of OpenAI and not used while the town has Anthropic');
    expect(html).toMatch(/aria-label="Model of Mayor"[^>]*value=""/);
  });

  it('goes to the town as it came; what is emptied is null, an effort may stand alone, an empty model brings no price', () => {
    for (const own of [{ model: SMALL }, { model: SMALL, effort: 'default' }, { model: null, effort: 'low' }] as const)
      expect(roleTyped(typedRole(own, TOWN), TOWN)).toEqual(own);
    expect(roleTyped(typedRole(undefined, TOWN), TOWN)).toBeNull();
    expect(roleTyped({ ...typedRole({ model: SMALL }, TOWN), model: '  ' }, TOWN)).toBeNull();
    expect(roleTyped({ model: ' small-1 ', price: { input: '', output: '' }, effort: null }, TOWN)).toEqual({
      model: { ...SMALL, price: null },
    });
  });

  it('what was not changed is not sent: a model of a provider that may come back is kept, and what another page set (CF-3)', () => {
    const was = typedRoles({ polecat: { model: { ...SMALL, provider: 'openai' }, effort: 'low' } }, TOWN);
    expect(rolesChanged(was, { ...was, mayor: { ...was.mayor, effort: 'high' } }, TOWN)).toEqual({
      mayor: { model: null, effort: 'high' },
    });
    expect(rolesChanged(was, { ...was, polecat: { ...was.polecat, effort: null } }, TOWN)).toEqual({ polecat: null });
    expect(rolesChanged(was, was, TOWN)).toEqual({});
  });

  it('beside a model stands the effort that was set, and none that was not', () => {
    expect([effortText('high'), effortText('default'), effortText(null)]).toEqual(['high effort', null, null]);
  });
});
