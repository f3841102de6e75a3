INSERT INTO audit.closes BY NAME
SELECT
    $1 AS period,
    $2::VARCHAR::DATE AS date_from,
    $3::VARCHAR::DATE AS date_to,
    $4::TIMESTAMPTZ AS closed_at,
    $5 AS run_id,
    $6 AS closed_by,
    nullif($7, '') AS comment,
    $8 AS entry_id,
    nullif($9, '') AS missing,
    $10 AS figures_sha256,
    nullif($11, '') AS reason
