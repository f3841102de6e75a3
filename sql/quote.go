package sql

import "strings"

// Literal writes a text as an SQL literal. Values are bound as parameters;
// this is for places where SQL takes none: file names in COPY, settings, and
// statements that are made for a list of tables.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Identifier writes the name of a table, column or type as a quoted
// identifier, whatever characters it holds.
func Identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
