-- Users lie in the order of their ids, so that going through all of them reads the file once from
-- front to back, whatever order they came in; and finding one is one search instead of two.
CREATE TABLE users_in_order (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  attributes TEXT NOT NULL, -- JSON object
  version BIGINT NOT NULL,  -- grows with every write, from 1
  registered_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id)
) WITHOUT ROWID;

INSERT INTO users_in_order (app_id, user_id, attributes, version, registered_at_ms, updated_at_ms)
SELECT app_id, user_id, attributes, version, registered_at_ms, updated_at_ms FROM users
ORDER BY app_id, user_id;

DROP TABLE users;
ALTER TABLE users_in_order RENAME TO users;
