-- What spans towns (architecture §2): who exists, who is signed in, which towns there are and whose they are. Secrets are stored as SHA-256 only.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sign_in_codes (
  hash TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE towns (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  owner_id TEXT NOT NULL REFERENCES users (id),
  epoch TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('creating', 'active', 'deleting')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
  town_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'member')),
  PRIMARY KEY (user_id, town_id)
) STRICT, WITHOUT ROWID;

-- Nothing but the id of a deleted town stays, so that a late request is answered 410 instead of 404 (DL-5).
CREATE TABLE deleted_towns (
  id TEXT PRIMARY KEY,
  deleted_at INTEGER NOT NULL
) STRICT;
