INSERT INTO audit.adoptions BY NAME
SELECT
    $1 AS entry_id,
    $2::TIMESTAMPTZ AS adopted_at,
    $3 AS adopted_by,
    $4 AS what,
    $5 AS place,
    nullif($6, '') AS database_id,
    nullif($7, '') AS run_id,
    nullif($8, '') AS configuration
