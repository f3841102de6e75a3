INSERT INTO audit.basis_changes BY NAME
SELECT
    $1 AS run_id,
    $2 AS source,
    $3 AS account,
    $4 AS setting,
    nullif($5, '') AS value_before,
    nullif($6, '') AS value_after,
    $7::BIGINT AS orders_moved,
    nullif($8, '') AS closed_periods,
    $9::TIMESTAMPTZ AS changed_at
