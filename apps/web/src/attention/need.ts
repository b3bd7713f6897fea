import type { EscalationRow, Failure, PermissionRow, PersonCommand, RowOf, TableName, TriageRow } from '@gastown/protocol';
import type { DrawerRef } from '../drawers.ts';
import type { SettingsTab } from '../navigation.ts';

/** One thing that needs a person, whatever table it comes from (I8). */
export interface Need {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** What ends the wait, where the failure's code knows it. */
  readonly step: string | null;
  /** Since when; 0: nobody knows. */
  readonly at: number;
  readonly weight: number;
  /** `word`: what the button says that goes to the settings. */
  readonly opens: { drawer: DrawerRef } | { settings: SettingsTab; limit?: string; word?: string } | { board: string };
  readonly escalation: EscalationRow | null;
  readonly triage: TriageRow | null;
  readonly permission: PermissionRow | null;
  /** What its first button sends. */
  readonly sends: Remedy | null;
}
/** The commands that end a wait without a further word. */
export type Remedy = Extract<
  PersonCommand,
  {
    kind:
      | 'bead.retry'
      | 'bead.start'
      | 'convoy.start'
      | 'dispatch.reset'
      | 'effect.retry'
      | 'quarantine.retry'
      | 'rig.reconnect'
      | 'town.resume';
  }
>;
export type Rows = { rows<T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> };
type Plain = Pick<Need, 'id' | 'title' | 'detail' | 'at' | 'weight' | 'opens'> &
  Partial<Pick<Need, 'step' | 'escalation' | 'triage' | 'permission' | 'sends'>>;
export const need = (plain: Plain): Need => ({
  step: null,
  escalation: null,
  triage: null,
  permission: null,
  sends: null,
  ...plain,
});
export const agentName = (replica: Rows, id: string | null) => (id ? replica.rows('agents').get(id)?.name : undefined);
export const says = (failure: Failure | null, otherwise: string): string => failure?.message ?? otherwise;
