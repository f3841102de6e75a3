-- Which program's views and comments the database has, '' where none has written
-- them to the end.
SELECT coalesce(max(objects_sha256), '') FROM audit.meta
