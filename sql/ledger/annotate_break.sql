-- Writes what people said (see insert_annotation.sql) to the break.
UPDATE recon.breaks SET
    status = coalesce($2::VARCHAR, status),
    owner = CASE WHEN $3::VARCHAR IS NULL THEN owner ELSE nullif($3::VARCHAR, '') END,
    comment = CASE WHEN $4::VARCHAR IS NULL THEN comment ELSE nullif($4::VARCHAR, '') END
WHERE break_id = $1
