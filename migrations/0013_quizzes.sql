CREATE TABLE quizzes (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  quiz TEXT NOT NULL,
  title TEXT NOT NULL,
  one_result_per_user INTEGER NOT NULL, -- 0 or 1
  created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, quiz)
);

-- What a quiz can come to, and how often it did.
CREATE TABLE quiz_types (
  app_id TEXT NOT NULL,
  quiz TEXT NOT NULL,
  type TEXT NOT NULL,
  title TEXT NOT NULL,
  position BIGINT NOT NULL, -- in the order in which they were defined
  tally BIGINT NOT NULL,
  PRIMARY KEY (app_id, quiz, type),
  FOREIGN KEY (app_id, quiz) REFERENCES quizzes (app_id, quiz) ON DELETE CASCADE
);

-- Which results a user had: one of each quiz where it says so. How often is not kept.
CREATE TABLE quiz_results (
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  quiz TEXT NOT NULL,
  type TEXT NOT NULL,
  answered_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, user_id, quiz, type),
  FOREIGN KEY (app_id, quiz, type) REFERENCES quiz_types (app_id, quiz, type)
    ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX quiz_results_by_type ON quiz_results (app_id, quiz, type);

-- The increments that came with an Idempotency-Key, and what they did.
CREATE TABLE quiz_requests (
  app_id TEXT NOT NULL REFERENCES applications (app_id) ON DELETE CASCADE,
  caller TEXT NOT NULL, -- "user:ID", or the actor of the audit log
  request_key TEXT NOT NULL,
  request TEXT NOT NULL, -- SHA-256 of what was asked for
  added BIGINT NOT NULL,
  replaced TEXT NOT NULL, -- the type that lost the count; empty: none
  expires_at_ms BIGINT NOT NULL,
  PRIMARY KEY (app_id, caller, request_key)
);

CREATE INDEX quiz_requests_by_expiry ON quiz_requests (expires_at_ms);
