-- A view of the program's, its names resolved.
CREATE OR REPLACE TEMPORARY VIEW {{id .View}} AS
{{.Text}}
