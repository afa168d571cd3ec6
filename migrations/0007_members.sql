-- People who operate Callboard. The e-mail address is in lower case.
CREATE TABLE members (
  member_id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT, -- Argon2id; null: none was chosen yet
  created_at_ms BIGINT NOT NULL
);

CREATE TABLE memberships (
  workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
  member_id TEXT NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
  role TEXT NOT NULL, -- viewer, editor, admin or owner
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, member_id)
);

CREATE INDEX memberships_by_member ON memberships (member_id);

-- Who is signed in, by the SHA-256 of the cookie.
CREATE TABLE member_sessions (
  hash TEXT NOT NULL PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES members (member_id) ON DELETE CASCADE,
  created_at_ms BIGINT NOT NULL,
  last_used_at_ms BIGINT NOT NULL
);

CREATE INDEX member_sessions_by_member ON member_sessions (member_id);
CREATE INDEX member_sessions_by_use ON member_sessions (last_used_at_ms);

-- Links that work once, known by the SHA-256 of their secret. Gone when they were used.
CREATE TABLE one_time_links (
  link_id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL, -- setup, invitation or reset
  workspace_id TEXT REFERENCES workspaces (workspace_id) ON DELETE CASCADE, -- of an invitation
  email TEXT,                                                               -- of an invitation
  role TEXT,                                                                -- of an invitation
  member_id TEXT REFERENCES members (member_id) ON DELETE CASCADE,          -- of a reset
  created_by TEXT NOT NULL, -- as in the audit log
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);

CREATE INDEX one_time_links_by_workspace ON one_time_links (workspace_id, created_at_ms);
CREATE INDEX one_time_links_by_expiry ON one_time_links (expires_at_ms);

-- The member behind a token, through all tokens that made one another. Null: the command line.
ALTER TABLE api_tokens ADD COLUMN member_id TEXT REFERENCES members (member_id) ON DELETE CASCADE;
