-- The matches of one way of matching, a file of sql/recon/links.
INSERT INTO links BY NAME SELECT {{text .Name}} AS rule, * FROM (
{{.SQL}}
)
