INSERT INTO audit.clock_corrections BY NAME
SELECT
    $1 AS entry_id,
    $2::TIMESTAMPTZ AS corrected_at,
    $3 AS corrected_by,
    $4 AS subject,
    $5::TIMESTAMPTZ AS recorded_at,
    $6::TIMESTAMPTZ AS stands_at
