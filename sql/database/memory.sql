SET GLOBAL memory_limit = $1
