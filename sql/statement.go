package sql

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"text/template"
)

// The folders of FS whose files are statements: Statement gives them.
var statementFolders = []string{"database", "ledger", Merges, Queries, Recon}

// Statement is the statement of sql/<file>.sql, as "merge/apply". Most
// files are the statement as it stands. Some serve several tables or streams
// and are templates: names fills in those of the program's own tables, columns
// and streams, and nothing else. Values (an account, an instant, what a person
// wrote, the path of a file) are never written into a statement: they are
// bound, as $1 or by SET VARIABLE.
func Statement(file string, names any) (string, error) {
	all, err := statements()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	if err := all.ExecuteTemplate(&text, file, names); err != nil {
		return "", fmt.Errorf("fill in sql/%s.sql: %w", file, err)
	}
	return text.String(), nil
}

// statements parses all files once. They are one set: a file may include
// another by its path.
var statements = sync.OnceValues(func() (*template.Template, error) {
	all := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"text":    Literal, // a name as text: SELECT 'orders' AS stream
		"id":      Identifier,
		"staged":  func(stream, table string) string { return plain("stg_" + stream + "_" + table) },
		"files":   StagedFiles,
		"records": func(stream string) string { return plain("rec_" + stream) },
		"cand":    func(table string) string { return plain("cand_" + table) },
		"diff":    func(table string) string { return plain("diff_" + table) },
		"columns": prefixedColumns,
		"equal":   equal,
	})
	for _, folder := range statementFolders {
		err := fs.WalkDir(FS, folder, func(file string, _ fs.DirEntry, err error) error {
			name, isSQL := strings.CutSuffix(file, ".sql")
			if err != nil || !isSQL {
				return err
			}
			text, err := fs.ReadFile(FS, file)
			if err != nil {
				return err
			}
			statement, err := Expand(DuckDB, Text{Path: file, SQL: string(text)})
			if err == nil {
				_, err = all.New(name).Parse(statement)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the embedded statements: %w", err)
		}
	}
	return all, nil
})

// StagedFiles names the variable that holds the paths of a stream's staged
// files of a table, see merge/README.md.
func StagedFiles(stream, table string) string { return plain("files_" + stream + "_" + table) }

// plain makes a name that needs no quotes: those of streams may hold "-" and ".".
func plain(name string) string { return strings.NewReplacer("-", "_", ".", "_").Replace(name) }

// prefixedColumns lists names, each with a prefix: "t.order_id, t.line_no".
func prefixedColumns(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return prefix + strings.Join(names, ", "+prefix)
}

// equal joins two relations: "t.order_id = c.order_id AND t.line_no = c.line_no".
func equal(a, b string, names []string) string {
	terms := make([]string, len(names))
	for i, name := range names {
		terms[i] = a + "." + name + " = " + b + "." + name
	}
	return strings.Join(terms, " AND ")
}

// Query is the text of queries/<name>.sql as it stands, templates included.
func Query(name string) (string, error) {
	text, err := FS.ReadFile(Queries + "/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read embedded query: %w", err)
	}
	return string(text), nil
}
