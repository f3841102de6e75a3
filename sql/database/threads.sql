SET GLOBAL threads = $1
