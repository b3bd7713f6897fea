import type { RigId } from '@gastown/protocol';
import type { Sql } from '@gastown/town';
import type { Script } from './script.ts';
import type { World } from './world.ts';

export interface Story {
  readonly name: string;
  /** Fresh for each telling: what it remembers is of this telling. */
  readonly script?: () => Partial<Script>;
  /** Told to a town with one connected rig. What depends on a state waits for it with `until`: a crash may delay it. */
  readonly tell: (world: World, rigId: RigId) => void;
  /** A bug, for a test of the suite itself. */
  readonly plant?: (sql: Sql) => Sql;
  /** The making of the rig belongs to the story. */
  readonly fromTheBeginning?: true;
}
