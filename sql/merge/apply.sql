-- Brings one table to its candidate rows: what changed is taken out and put in
-- anew. An update in place would rewrite every column of every row group that
-- it touches at the next checkpoint (BENCHMARKS.md).
{{- if .Direct}}{{with index .Streams 0}}
INSERT INTO main.{{$.Table}} BY NAME
SELECT getvariable('source') AS source, getvariable('account') AS account, {{if $.OwnKey}}order_id, {{end}}{{columns "" $.Keys}}, {{columns "" ($.Carried .)}},
    payload_sha256, landing_ref, getvariable('run_id') AS run_id
FROM {{staged .Name $.Table}};
{{- end}}{{else if .New}}
INSERT INTO main.{{.Table}} BY NAME
SELECT *, getvariable('run_id') AS run_id FROM {{cand .Table}};
{{- else}}
DELETE FROM main.{{.Table}} t
USING (SELECT * FROM {{diff .Table}} WHERE change <> 'inserted') d
WHERE t.source = getvariable('source') AND t.account = getvariable('account') AND {{equal "t" "d" .Keys}};

INSERT INTO main.{{.Table}} BY NAME
SELECT c.*, getvariable('run_id') AS run_id
FROM {{cand .Table}} c
JOIN (SELECT * FROM {{diff .Table}} WHERE change <> 'removed') d ON {{equal "d" "c" .Keys}};
{{- end}}
