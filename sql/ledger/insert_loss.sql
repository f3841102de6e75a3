INSERT INTO audit.losses BY NAME
SELECT
    $1 AS entry_id,
    $2::TIMESTAMPTZ AS accepted_at,
    $3 AS accepted_by,
    nullif($4, '') AS run_id,
    nullif($5, '') AS source,
    nullif($6, '') AS account,
    nullif($7, '') AS lost_entry_id,
    $8 AS what,
    nullif($9, '')::DATE AS date_from,
    nullif($10, '')::DATE AS date_to
