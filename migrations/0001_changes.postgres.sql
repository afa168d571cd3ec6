-- The change log. Transactions commit in another order than they draw seq, and a rolled back one
-- leaves a hole: a follower reads what transactions older than every running one wrote, in that
-- order.
CREATE TABLE changes (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  app_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX changes_by_transaction ON changes (transaction_id, seq);
