SET GLOBAL temp_directory = $1
