-- Of what stands under both names, the rows of the earlier one go.
DELETE FROM main.{{.Table}}
WHERE source = getvariable('source') AND account = getvariable('earlier')
{{- if .Twice}}
    AND order_id IN (SELECT order_id FROM renamed_twice)
{{- else}}
    AND ({{columns "" .Keys}}) IN (SELECT ({{columns "" .Keys}}) FROM main.{{.Table}} WHERE source = getvariable('source') AND account = getvariable('account'))
{{- end}}
