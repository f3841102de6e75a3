-- Closes a period: the close itself, and the figures it closes with.
INSERT INTO audit.closes BY NAME
SELECT
    {{lit .Period}} AS period,
    {{lit .From}}::DATE AS date_from,
    {{lit .To}}::DATE AS date_to,
    {{instant .At}} AS closed_at,
    {{lit .RunID}} AS run_id,
    {{lit .By}} AS closed_by,
    nullif({{lit .Comment}}, '') AS comment,
    {{lit .EntryID}} AS entry_id,
    nullif({{lit .Missing}}, '') AS missing,
    {{lit .FiguresSHA256}} AS figures_sha256;

INSERT INTO audit.close_totals BY NAME
SELECT {{lit .Period}} AS period, f.* FROM (
{{template "close_figures.sql" .}}
) f;
