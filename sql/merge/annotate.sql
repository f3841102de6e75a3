-- Writes what people said about one break: into the history, with what stood
-- there before and the break's amounts at this moment, and then to the break.
-- A field of which nothing is said stays as it is.
INSERT INTO recon.annotations BY NAME
SELECT
    {{lit .EntryID}} AS entry_id,
    {{lit .Row.BreakID}} AS break_id,
    {{instant .At}} AS annotated_at,
    nullif({{lit .Author}}, '') AS author,
    nullif({{lit .TakenBy}}, '') AS taken_by,
    nullif({{lit .Workbook}}, '') AS workbook,
    {{if .SavedAt.IsZero}}NULL::TIMESTAMPTZ{{else}}{{instant .SavedAt}}{{end}} AS saved_at,
    b.status AS status_before,
    {{with .Row.Status}}{{lit .}}{{else}}b.status{{end}} AS status,
    b.owner AS owner_before,
    {{with .Row.Owner}}nullif({{lit .}}, ''){{else}}b.owner{{end}} AS owner,
    b.comment AS comment_before,
    {{with .Row.Comment}}nullif({{lit .}}, ''){{else}}b.comment{{end}} AS comment,
    {{.Row.Overrode}} AS overrode,
    b.expected, b.actual, b.difference, b.currency
FROM (SELECT 1) one
LEFT JOIN recon.breaks b ON b.break_id = {{lit .Row.BreakID}};

UPDATE recon.breaks SET
    status = {{with .Row.Status}}{{lit .}}{{else}}status{{end}},
    owner = {{with .Row.Owner}}nullif({{lit .}}, ''){{else}}owner{{end}},
    comment = {{with .Row.Comment}}nullif({{lit .}}, ''){{else}}comment{{end}}
WHERE break_id = {{lit .Row.BreakID}};
