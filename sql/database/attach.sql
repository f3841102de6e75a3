-- Attaches a database file under a name, to be read.
ATTACH {{text .Path}} AS {{id .Name}} (READ_ONLY)
