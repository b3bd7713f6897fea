import type { BeadId, ConvoyId, ConvoyRow, RigId } from '@gastown/protocol';
import type { Story } from '../testing.ts';

export interface Made {
  readonly convoyId: ConvoyId;
  readonly status: string;
  readonly beadIds: BeadId[];
}
export const tasks = (rigId: RigId, ...titles: string[]) => titles.map((title) => ({ rigId, title }));
export const make = (one: Story, titles: string[], more: { staged?: boolean; beadIds?: BeadId[] } = {}): Made =>
  one.town.must<Made>({ kind: 'convoy.create', title: 'a batch', tasks: tasks(one.rigId, ...titles), ...more });
export const convoy = (one: Story, id: ConvoyId): ConvoyRow => {
  const row = one.town.rows().convoys.find((it) => it.id === id);
  if (!row) throw new Error(`no convoy ${id}`);
  return row;
};
