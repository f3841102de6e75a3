package load

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/template"
	"time"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// The merge's SQL stands in sql/merge as templates: the same statements for
// every table and stream, with names filled in. Only names of this program's
// own tables, columns and streams and quoted literals are ever filled in.

func identifier(parts ...string) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(strings.Join(parts, "_"))
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"lit":     literal,
	"staged":  func(stream, table string) string { return identifier("stg", stream, table) },
	"records": func(stream string) string { return identifier("rec", stream) },
	"cand":    func(table string) string { return identifier("cand", table) },
	"diff":    func(table string) string { return identifier("diff", table) },
	"cols": func(prefix string, names []string) string {
		if len(names) == 0 {
			return ""
		}
		return prefix + strings.Join(names, ", "+prefix)
	},
	"on": func(a, b string, keys []string) string {
		var terms []string
		for _, k := range keys {
			terms = append(terms, fmt.Sprintf("%s.%s = %s.%s", a, k, b, k))
		}
		return strings.Join(terms, " AND ")
	},
	"instant": func(t time.Time) string {
		return "TIMESTAMPTZ " + literal(t.UTC().Format("2006-01-02 15:04:05.999999+00"))
	},
	"parquet": func(paths []string) string {
		var files []string
		for _, p := range paths {
			files = append(files, literal(p))
		}
		return "read_parquet([" + strings.Join(files, ", ") + "])"
	},
	"carried": func(t tableMerge, s tableStream) []string { return t.carried(s) },
	"resolve": func(t tableMerge, column string) resolved { return t.resolve(column) },
}).ParseFS(mergeFiles(), "*.sql"))

func mergeFiles() fs.FS {
	files, err := fs.Sub(sqlfiles.FS, sqlfiles.Merges)
	if err != nil {
		panic(err) // the folder is embedded
	}
	return files
}

func render(name string, data any) (string, error) {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render sql/merge/%s: %w", name, err)
	}
	return b.String(), nil
}

// resolved is a column of a candidate row: the numbers of the streams that
// carry it, the latest first.
type resolved struct {
	Column  string
	Streams []int
}

func (t tableMerge) resolve(column string) resolved {
	r := resolved{Column: column}
	for _, s := range slices.Backward(t.Streams) {
		if s.carries(column) {
			r.Streams = append(r.Streams, s.N)
		}
	}
	return r
}

// carried lists the canonical columns of t that the stream carries.
func (t tableMerge) carried(s tableStream) []string {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c string) bool { return !s.carries(c) })
}
