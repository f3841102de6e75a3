-- Which stream carries which column: its name ($1), its number ($2, the later
-- one wins), table and column ($3 and $4).
CREATE OR REPLACE TEMP TABLE stream_columns AS
SELECT unnest($1::VARCHAR[]) AS stream, unnest($2::BIGINT[]) AS n, unnest($3::VARCHAR[]) AS table_name, unnest($4::VARCHAR[]) AS column_name
