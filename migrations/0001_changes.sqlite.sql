-- The change log. AUTOINCREMENT: a pruned number never comes back, so a follower's place stays
-- right. Commits are serial here, so the order of seq is the order of commits and has no holes.
CREATE TABLE changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at_ms INTEGER NOT NULL
);
