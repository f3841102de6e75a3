-- The control totals of an account ($2, $3) in a run ($1), beside each other: stream,
-- beginning of the window ('' for none), table, column, currency, the amount in the
-- answers and the amount loaded.
INSERT INTO audit.extract_totals (run_id, source, account, stream, window_start, table_name, column_name, currency, amount_in, amount_loaded)
SELECT $1, $2, $3, unnest($4::VARCHAR[]), nullif(unnest($5::VARCHAR[]), '')::TIMESTAMPTZ, unnest($6::VARCHAR[]), unnest($7::VARCHAR[]), unnest($8::VARCHAR[]),
    unnest($9::VARCHAR[])::DECIMAL(38, 4), unnest($10::VARCHAR[])::DECIMAL(38, 4)
