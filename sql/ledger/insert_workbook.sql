INSERT INTO recon.workbooks BY NAME
SELECT
    $1 AS entry_id,
    $2 AS workbook,
    $3 AS file_sha256,
    $4::TIMESTAMPTZ AS published_at,
    $5::TIMESTAMPTZ AS saved_at,
    $6::TIMESTAMPTZ AS taken_at,
    nullif($7, '') AS author,
    nullif($8, '') AS taken_by,
    $9::BOOLEAN AS in_place,
    $10 AS breaks,
    nullif($11, '') AS refused
