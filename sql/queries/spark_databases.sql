-- How many databases share the lake.
SELECT count(*) AS databases FROM audit.meta
