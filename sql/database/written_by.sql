-- Which program wrote the database last, in words; '' where no run says it.
SELECT coalesce((SELECT 'nightaudit ' || version FROM audit.runs WHERE version <> '' ORDER BY started_at DESC, run_id DESC LIMIT 1), '')
