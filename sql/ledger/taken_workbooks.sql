-- What of each workbook, by its hash, could not be taken when it was last read.
SELECT file_sha256, coalesce(arg_max(coalesce(refused, ''), taken_at), '')
FROM recon.workbooks
WHERE file_sha256 <> ''
GROUP BY file_sha256
