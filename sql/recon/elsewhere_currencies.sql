-- The currencies of ISO 4217.
SELECT code FROM (VALUES {{range $i, $code := .}}{{if $i}}, {{end}}({{text $code}}){{end}}) c(code)
