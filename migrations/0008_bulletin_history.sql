-- A bulletin's history is what the audit log says about it.
CREATE INDEX audit_log_by_subject ON audit_log (workspace_id, app_id, subject, entry);

-- How often each bulletin has been served, roughly: kept apart from the bulletins, so that counting
-- rewrites no bodies and is no change of a board.
CREATE TABLE bulletins_served (
  app_id TEXT NOT NULL,
  bulletin_id BIGINT NOT NULL,
  served BIGINT NOT NULL,
  PRIMARY KEY (app_id, bulletin_id),
  FOREIGN KEY (app_id, bulletin_id) REFERENCES bulletins (app_id, bulletin_id) ON DELETE CASCADE
);

-- The console's table, of one category.
CREATE INDEX bulletins_by_category
  ON bulletins (app_id, category, updated_at_ms DESC, bulletin_id DESC);
