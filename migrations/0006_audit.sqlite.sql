-- Every change that an operator made. Rows are only ever added. AUTOINCREMENT: entry numbers grow
-- and never come back. No foreign keys: what was done to something outlives it.
CREATE TABLE audit_log (
  entry INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_id TEXT NOT NULL,
  app_id TEXT NOT NULL,  -- empty: about the workspace itself
  actor TEXT NOT NULL,   -- token:ID, member:ID, or command
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  before TEXT,           -- JSON; null: there was none
  after TEXT,            -- JSON; null: there is none
  at_ms INTEGER NOT NULL
);

CREATE INDEX audit_log_by_workspace ON audit_log (workspace_id, entry);
CREATE INDEX audit_log_by_app ON audit_log (workspace_id, app_id, entry);
