import type { EscalationRow, Failure, PermissionRow, PersonCommand, RowOf, TableName, TriageAction, TriageRow } from '../index.ts';

/** The most first: what stops the town stands above what stops one repository, and what is only to be known comes last. */
export const HELD = ['town', 'rig', 'convoy', 'bead', 'nothing'] as const;
type Held = (typeof HELD)[number];

/** What a need is about, and the page of the settings where it is settled. */
export interface About {
  readonly kind: 'bead' | 'agent' | 'merge' | 'rig' | 'convoy' | 'runner';
  readonly id: string;
}
type Tab = 'general' | 'repositories' | 'models' | 'runners' | 'spend' | 'import' | 'health';

/** One thing that needs a person, whatever table it comes from (I8). */
export interface Need {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** What else is told of the same matter. */
  readonly more: readonly string[];
  /** What ends the wait, where the failure's code knows it. */
  readonly step: string | null;
  /** Since when; 0: nobody knows. */
  readonly at: number;
  /** How severe it is among those that hold as much. */
  readonly weight: number;
  /** What stands still until it is settled. */
  readonly holds: Held;
  /** `word`: what the button says that goes to the settings. */
  readonly opens: { drawer: About } | { settings: Tab; limit?: string; word?: string } | { board: string };
  readonly escalation: EscalationRow | null;
  /** Others of the same cause: acknowledged with it. */
  readonly alsoAcknowledges: readonly EscalationRow[];
  readonly triage: { readonly id: TriageRow['id']; readonly actions: readonly TriageAction[] } | null;
  readonly permission: PermissionRow | null;
  /** Where it is settled, when no button here does; `word` is its button, the first one unless it says `after`. */
  readonly goes: Way | null;
  /** What its button sends. */
  readonly sends: Remedy | null;
}
export type Way = ({ drawer: About } | { settings: Tab; rig?: string }) & {
  readonly word: string;
  /** It is the second choice: what the need sends comes first. */
  readonly after?: boolean;
};
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
      | 'town.resume'
      | 'triage.resolve';
  }
>;
export type Rows = { rows<T extends TableName>(table: T): ReadonlyMap<string | number, RowOf<T>> };
type Plain = Pick<Need, 'id' | 'title' | 'detail' | 'at' | 'weight' | 'holds' | 'opens'> &
  Partial<Pick<Need, 'more' | 'step' | 'goes' | 'escalation' | 'alsoAcknowledges' | 'triage' | 'permission' | 'sends'>>;
export const need = (plain: Plain): Need => ({
  more: [],
  step: null,
  goes: null,
  escalation: null,
  alsoAcknowledges: [],
  triage: null,
  permission: null,
  sends: null,
  ...plain,
});
export const agentName = (replica: Rows, id: string | null) => (id ? replica.rows('agents').get(id)?.name : undefined);
export const says = (failure: Failure | null, otherwise: string): string => failure?.message ?? otherwise;
