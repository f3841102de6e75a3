INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, filter, api_total, pages,
    fetched, distinct_rows, duplicates, inserted, updated, unchanged, rejected, state, message, advances_cursor, covers)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, nullif($18, ''), $19, $20)
