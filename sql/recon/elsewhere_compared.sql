-- The rows of a check that do not agree; whether they are within the tolerance is seen
-- where they come to.
SELECT c.* FROM (
{{.}}
) c
WHERE c.expected IS DISTINCT FROM c.actual OR c.expected IS NULL
