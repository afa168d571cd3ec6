-- Users lie in the order of their ids where the database can keep them so; here they lie as they
-- came.
SELECT 1;
