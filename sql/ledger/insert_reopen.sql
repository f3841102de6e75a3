INSERT INTO audit.reopens BY NAME
SELECT
    $1 AS period,
    $2::TIMESTAMPTZ AS reopened_at,
    $3 AS run_id,
    $4 AS reopened_by,
    $5 AS reason,
    $6 AS entry_id,
    $7 AS close_entry_id
