-- Showing and ending all sessions of one user.
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (app_id, user_id);
