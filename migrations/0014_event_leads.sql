-- When an event's reminders are due: a JSON array of minutes before its start. Null: when the
-- application's are; so with the events of users.
ALTER TABLE events ADD COLUMN leads TEXT;
