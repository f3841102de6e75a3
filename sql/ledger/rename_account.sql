UPDATE {{.Schema}}.{{.Table}} SET {{.Account}} = $3 WHERE {{.Source}} = $1 AND {{.Account}} = $2
