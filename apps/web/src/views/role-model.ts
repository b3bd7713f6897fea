import { MODEL_ROLES, type Effort, type ModelConfig, type ModelRole, type RoleModel, type RoleModels } from '@gastown/protocol';
import { priceTyped, typedPrice, type TypedPrice } from './PriceFields.tsx';

/** What a person types for one role; empty is as the town says. */
export interface TypedRole {
  readonly model: string;
  readonly price: TypedPrice;
  readonly effort: Effort | null;
}

/** A model of another provider than the town's is not used, and not shown in the field. */
export function typedRole(own: RoleModel | undefined, town: ModelConfig): TypedRole {
  const model = own?.model?.provider === town.provider ? own.model : null;
  return { model: model?.model ?? '', price: typedPrice(model?.price), effort: own?.effort ?? null };
}

/** Null: nothing of its own. */
export function roleTyped({ model, price, effort }: TypedRole, { provider }: ModelConfig): RoleModel | null {
  const name = model.trim();
  if (name === '' && effort === null) return null;
  return {
    model: name === '' ? null : { provider, model: name, price: priceTyped(provider, price) },
    ...(effort !== null && { effort }),
  };
}

export type TypedRoles = Readonly<Record<ModelRole, TypedRole>>;
export const typedRoles = ({ mayor, polecat }: RoleModels, town: ModelConfig): TypedRoles => ({
  mayor: typedRole(mayor, town),
  polecat: typedRole(polecat, town),
});
/** What a person changed and nothing else (CF-3): the rest stays, be it set on another page meanwhile or of a provider that may come back. */
export function rolesChanged(was: TypedRoles, typed: TypedRoles, town: ModelConfig): Partial<Record<ModelRole, RoleModel | null>> {
  const changed = MODEL_ROLES.filter((role) => JSON.stringify(typed[role]) !== JSON.stringify(was[role]));
  return Object.fromEntries(changed.map((role) => [role, roleTyped(typed[role], town)]));
}
