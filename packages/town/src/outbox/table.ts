/**
 * What must happen outside. `target` orders: only the oldest effect of a target is under way. `due_at`: when to send a pending one, until when a
 * sent one may stay without an outcome. The payload is built from the rows as they are when it is handed out; `subject` says of what.
 */
export const OUTBOX_TABLE = [
  `CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, failure TEXT, created_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE UNIQUE INDEX outbox_id ON outbox (id)`,
  `CREATE INDEX outbox_target ON outbox (target)`,
];
/** How often it was handed out: an effect that ends its runner each time gets no outcome, and must not go round for ever (I8). */
export const OUTBOX_HANDED = [`ALTER TABLE outbox ADD COLUMN handed INTEGER NOT NULL DEFAULT 0`];
/** Who does it; NULL for the container's own, and for what any runner may do and none was found for yet. */
export const OUTBOX_PLACED = [
  `ALTER TABLE outbox ADD COLUMN runner_id TEXT`,
  `UPDATE outbox SET runner_id = 'home' WHERE target <> 'container'`,
];
/** What is left of its time to a runner that it was handed to and whose link broke off: it goes on where it stopped. */
export const OUTBOX_LEFT = [`ALTER TABLE outbox ADD COLUMN left_ms INTEGER`];
/** Each tick reads all of it anyway, six times as often as anybody asks for one target; an entry of the index was billed with each write (P4). */
export const OUTBOX_UNINDEXED = ['DROP INDEX outbox_target'];
/** Since when its runner says that it is at it, which gives it more time; NULL: its ordinary time is enough so far. */
export const OUTBOX_EXTENDED = [`ALTER TABLE outbox ADD COLUMN extended_since INTEGER`];
