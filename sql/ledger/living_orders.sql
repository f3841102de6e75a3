SELECT source, account, count(*) FROM main.orders WHERE deleted_at IS NULL GROUP BY ALL ORDER BY ALL
