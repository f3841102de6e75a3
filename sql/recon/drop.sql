DROP {{.Kind}} IF EXISTS temp.{{id .Name}}
