/** `model` and `key_*` are what a person set; `env_*` what the launcher's environment offers. `model_failure`: the provider refused the key. */
export const CONFIG_TABLE = [
  `CREATE TABLE town (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, epoch TEXT NOT NULL, deleted_at INTEGER,
    paused INTEGER NOT NULL DEFAULT 0, model TEXT, env_model TEXT, env_key_hint TEXT, key_sealed TEXT, key_hint TEXT, model_failure TEXT,
    scripted INTEGER NOT NULL, agent_kind TEXT NOT NULL, max_polecats INTEGER NOT NULL, budget_micros INTEGER,
    git_name TEXT NOT NULL, git_email TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
];

/** `stopped`: every agent was ended and the model door refuses; `paused` is set with it. The budget is a limit of the spend slice now. */
export const CONFIG_STOPPED = [
  `ALTER TABLE town DROP COLUMN budget_micros`,
  `ALTER TABLE town ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0`,
];
/** `patrols`: thresholds that the town set for itself. `swept_at`: when agents without work were last looked for (PT-10). */
export const CONFIG_PATROLS = [
  `ALTER TABLE town ADD COLUMN patrols TEXT NOT NULL DEFAULT '{}'`,
  `ALTER TABLE town ADD COLUMN swept_at INTEGER NOT NULL DEFAULT 0`,
];
export const CONFIG_CONVOYS = [`ALTER TABLE town ADD COLUMN staged_convoys INTEGER NOT NULL DEFAULT 0`];
/** When the model or its key was last changed: what a call that began before says of the key is over. */
export const CONFIG_MODEL_SET = [`ALTER TABLE town ADD COLUMN model_set_at INTEGER NOT NULL DEFAULT 0`];
/** What agents may do: what the town set itself, over the defaults. */
export const CONFIG_PERMISSIONS = [`ALTER TABLE town ADD COLUMN permissions TEXT NOT NULL DEFAULT '{}'`];
/** What roles have of their own (CF-1). */
export const CONFIG_ROLE_MODELS = [`ALTER TABLE town ADD COLUMN role_models TEXT NOT NULL DEFAULT '{}'`];
/** Of every rig that has none of its own (QG-1). */
export const CONFIG_GATES = [`ALTER TABLE town ADD COLUMN gates TEXT NOT NULL DEFAULT '[]'`];
/** Commands that prepare worktrees (AG-22). */
export const CONFIG_SETUP = [`ALTER TABLE town ADD COLUMN setup TEXT NOT NULL DEFAULT '{}'`];
