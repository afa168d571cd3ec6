-- Keys of applications. A secret is sealed under the server key, and wiped when the key is retired;
-- a registered public key lies open.
CREATE TABLE app_keys (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  key_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- client, server or session
  alg TEXT NOT NULL,  -- HS256, RS256, ES256 or EdDSA
  secret_sealed TEXT,
  public_key TEXT,    -- PEM
  created_at_ms BIGINT NOT NULL,
  retired_at_ms BIGINT,
  PRIMARY KEY (app_id, key_id)
);

-- Operators' tokens for automation, known by their SHA-256 only.
CREATE TABLE api_tokens (
  token_id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL, -- viewer, editor, admin or owner
  apps TEXT,          -- JSON array of app ids; null: every app of the workspace
  label TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT,
  last_used_at_ms BIGINT,
  revoked_at_ms BIGINT
);

CREATE INDEX api_tokens_by_workspace ON api_tokens (workspace_id, created_at_ms);

-- A family is one session through all its refreshes. A used token stays until it expires, so that
-- its reuse is noticed.
CREATE TABLE refresh_tokens (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  user_id TEXT NOT NULL,
  family TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms BIGINT,
  PRIMARY KEY (app_id, hash)
);

CREATE INDEX refresh_tokens_by_family ON refresh_tokens (app_id, family);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at_ms);

-- Families whose session tokens no longer count, until the last of those would have expired anyway.
CREATE TABLE revocations (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  family TEXT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, family)
);

CREATE INDEX revocations_by_expiry ON revocations (expires_at_ms);

-- Nonces of signed writes, for as long as their signatures would be accepted.
CREATE TABLE used_nonces (
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  signed_at_s BIGINT NOT NULL,
  nonce TEXT NOT NULL,
  PRIMARY KEY (app_id, user_id, signed_at_s, nonce)
);

CREATE INDEX used_nonces_by_time ON used_nonces (signed_at_s);
