-- Brings one table to its candidate rows.
DELETE FROM main.{{.Table}} t
USING (SELECT * FROM {{diff .Table}} WHERE change = 'removed') d
WHERE t.source = {{lit .Source}} AND t.account = {{lit .Account}} AND {{on "t" "d" .Keys}};

MERGE INTO main.{{.Table}} t
USING (
    SELECT c.*, {{lit .RunID}} AS run_id
    FROM {{cand .Table}} c
    JOIN (SELECT * FROM {{diff .Table}} WHERE change <> 'removed') d ON {{on "d" "c" .Keys}}
) u
ON t.source = u.source AND t.account = u.account AND {{on "t" "u" .Keys}}
WHEN MATCHED THEN UPDATE SET
    {{range $i, $c := .Written}}{{if $i}}, {{end}}{{$c}} = u.{{$c}}{{end}}
WHEN NOT MATCHED THEN INSERT (source, account, {{cols "" .Keys}}, {{cols "" .Written}})
VALUES (u.source, u.account, {{cols "u." .Keys}}, {{cols "u." .Written}});
