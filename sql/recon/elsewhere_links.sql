-- The matches of all ways of matching.
{{range $i, $way := .}}{{if $i}}
UNION ALL
{{end}}SELECT {{text $way.Name}} AS rule, source, account, order_id, stay_id, right_source, right_account, right_order_id, right_stay_id, certainty FROM (
{{$way.SQL}}
) w{{$i}}{{end}}
