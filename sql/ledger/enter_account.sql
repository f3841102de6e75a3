-- Enters what the rows of an account ($1, $2) rest on from run $9 on, and whose orders it
-- reads ($10, $11); $12 is the zone of its wall times.
MERGE INTO audit.accounts a
USING (
    SELECT $1::VARCHAR AS source, $2::VARCHAR AS account, $3::VARCHAR AS timezone, $4::VARCHAR::TIME AS business_day_start,
        $5::VARCHAR AS currency, $6::BOOLEAN AS memo_only, nullif($7::VARCHAR, '') AS pii_sha256, nullif($8::VARCHAR, '')::DATE AS since,
        true AS is_configured, $9::VARCHAR AS run_id,
        $10::VARCHAR AS base_url, nullif($11::VARCHAR, '') AS tenant, nullif($12::VARCHAR, '') AS wall_zone
) n
ON n.source = a.source AND n.account = a.account
WHEN MATCHED AND
    row(n.timezone, n.business_day_start, n.currency, n.memo_only, n.pii_sha256, n.since, n.is_configured, n.base_url, n.tenant, n.wall_zone)
    IS DISTINCT FROM row(a.timezone, a.business_day_start, a.currency, a.memo_only, a.pii_sha256, a.since, a.is_configured, a.base_url, a.tenant, a.wall_zone)
THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME
