INSERT INTO audit.extract_totals (run_id, source, account, stream, window_start, table_name, column_name, currency, amount_in, amount_loaded)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::VARCHAR::DECIMAL(38, 4), $10::VARCHAR::DECIMAL(38, 4))
