SET VARIABLE {{.}} = $1
