-- Work that is to be done, once, whoever dies meanwhile. What is finished moves to job_history.
CREATE TABLE jobs (
  job_id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never comes back
  app_id TEXT NOT NULL,           -- empty: the server's own
  queue TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,          -- JSON, the kind's own
  priority BIGINT NOT NULL,       -- higher goes first
  state TEXT NOT NULL,            -- scheduled, available, running, retryable
  run_at_ms BIGINT NOT NULL,      -- not before
  attempt BIGINT NOT NULL,        -- counted when it starts, from 1
  max_attempts BIGINT NOT NULL,
  unique_key TEXT,                -- at most one job of a key is here
  again_at_ms BIGINT,             -- wanted once more while it runs: when
  worker_id BIGINT,               -- who runs it
  cancel_requested BIGINT NOT NULL DEFAULT 0,
  errors TEXT NOT NULL DEFAULT '[]',  -- JSON, the last few
  progress TEXT,                  -- JSON
  created_at_ms BIGINT NOT NULL,
  started_at_ms BIGINT            -- the last attempt
);

CREATE UNIQUE INDEX jobs_by_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX jobs_to_claim ON jobs (kind, priority DESC, run_at_ms, job_id)
  WHERE state = 'available';
CREATE INDEX jobs_due ON jobs (run_at_ms) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_running ON jobs (worker_id) WHERE state = 'running';
CREATE INDEX jobs_by_app ON jobs (app_id, job_id) WHERE app_id <> '';
