package spark

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/reports/iceberg"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// A statement names tables and views as DuckDB has them: main.orders, audit.coverage. On
// Spark each is a temporary view of the session, main__orders, which is made when the
// first statement names it: of a table, as it was after the night; of a view, from
// the same text. The server's own schemas stay as they are.

// resolved is the text for Spark, with the views that it names made.
func (l *Lake) resolved(ctx context.Context, text sqlfiles.Text) (string, error) {
	expanded, err := sqlfiles.Expand(sqlfiles.Spark, text)
	if err != nil {
		return "", err
	}
	tokens := sqlfiles.Tokens(expanded)
	var out strings.Builder
	for i := 0; i < len(tokens); i++ {
		name := qualified(tokens[i:])
		if name == "" || i > 0 && tokens[i-1].Text == "." {
			out.WriteString(tokens[i].Text)
			continue
		}
		if err := l.provide(ctx, name); err != nil {
			return "", fmt.Errorf("%s:%d: %w", text.Path, text.Line+tokens[i].Line, err)
		}
		out.WriteString(standIn(name))
		i += 2
	}
	return out.String(), nil
}

// qualified is the name of a table with its schema that tokens begin with; "" for none.
func qualified(tokens []sqlfiles.Token) string {
	if len(tokens) < 3 || tokens[1].Text != "." || !slices.Contains(schemas, tokens[0].Text) {
		return ""
	}
	return tokens[0].Text + "." + tokens[2].Text
}

// standIn is the name of the temporary view that stands for a table or view.
func standIn(name string) string { return strings.Replace(name, ".", "__", 1) }

// provide makes the temporary view of a name, once.
func (l *Lake) provide(ctx context.Context, name string) error {
	if l.made[name] {
		return nil
	}
	var err error
	if text, ok := l.views[name]; ok {
		err = l.provideView(ctx, name, text)
	} else if l.tables[name] {
		err = l.provideTable(ctx, name)
	} else {
		return fmt.Errorf("the lake in the catalog %s has no %s: this version of the program wrote another one, or the statement is not in the SQL that Spark reads", l.catalog, name)
	}
	if err != nil {
		return fmt.Errorf("provide %s: %w", name, err)
	}
	l.made[name] = true
	return nil
}

func (l *Lake) provideView(ctx context.Context, name string, text sqlfiles.Text) error {
	statement, err := l.resolved(ctx, text)
	if err != nil {
		return err
	}
	return l.make(ctx, "spark_view", map[string]any{"View": standIn(name), "Text": statement})
}

// configured are the tables of what the configuration says: machines that fill one lake have
// the same one, or parts of it.
var configured = []string{"recon.places", "recon.place_rooms", "recon.couriers"}

// part is what a table has of one database.
type part struct {
	Snapshot int64  // 0 where it has no row
	Files    string // a pattern of its files; "" where they are all that there are
}

// provideTable makes the view of a table as it was after the night, or the nights.
func (l *Lake) provideTable(ctx context.Context, name string) error {
	schema, table, _ := strings.Cut(name, ".")
	names := map[string]any{
		"View": standIn(name), "Catalog": l.catalog, "Schema": schema, "Table": table,
		"Once": len(l.nights) > 1 && slices.Contains(configured, name),
	}
	var parts []part
	for i := range l.nights {
		p := part{Snapshot: l.nights[i].Snapshots[name]}
		if l.shared {
			p.Files = iceberg.FilesOf(l.nights[i].Database)
		}
		if l.shared && p.Snapshot != 0 {
			if err := l.foreign(ctx, names, p.Snapshot); err != nil {
				return err
			}
		}
		parts = append(parts, p)
	}
	names["Parts"] = parts
	return l.make(ctx, "spark_table", names)
}

// foreign refuses a table in which another program has written: a file with rows of
// several databases would be left out.
func (l *Lake) foreign(ctx context.Context, table map[string]any, snapshot int64) error {
	names := maps.Clone(table)
	names["Snapshot"], names["Files"] = snapshot, iceberg.FilesOf("")
	rows, err := l.ask(ctx, "spark_foreign", names)
	if err != nil {
		return fmt.Errorf("look who has written to it: %w", err)
	}
	if len(rows) > 0 {
		return fmt.Errorf("another program has written %v, and whose rows are in it cannot be told: in a lake that several databases share, only nightaudit may write files", rows[0][0])
	}
	return nil
}

func (l *Lake) make(ctx context.Context, statement string, names any) error {
	text, err := sqlfiles.Statement(sqlfiles.Queries+"/"+statement, names)
	if err != nil {
		return err
	}
	return l.client.exec(ctx, text)
}

// viewTexts are the SELECTs of the program's views, by schema.view. What else its files
// make, macros, only DuckDB has.
func viewTexts() (map[string]sqlfiles.Text, error) {
	files, err := sqlfiles.Files(sqlfiles.Views)
	if err != nil {
		return nil, err
	}
	views := map[string]sqlfiles.Text{}
	for _, file := range files {
		for _, s := range statements(sqlfiles.Tokens(file.SQL)) {
			words := slices.DeleteFunc(slices.Clone(s), func(t sqlfiles.Token) bool { return isSpace(t) })
			if len(words) < 8 || !beginsWith(words, "CREATE", "OR", "REPLACE", "VIEW") || words[7].Text != "AS" {
				continue
			}
			at := slices.Index(s, words[7])
			text := sqlfiles.Text{Name: words[6].Text, Path: file.Path, Line: words[7].Line - 1}
			for _, t := range s[at+1:] {
				text.SQL += t.Text
			}
			views[words[4].Text+"."+words[6].Text] = text
		}
	}
	return views, nil
}

// statements cuts a file at its semicolons.
func statements(tokens []sqlfiles.Token) (all [][]sqlfiles.Token) {
	from := 0
	for i, t := range tokens {
		if t.Text == ";" {
			all = append(all, tokens[from:i])
			from = i + 1
		}
	}
	return append(all, tokens[from:])
}

func isSpace(t sqlfiles.Token) bool {
	return strings.TrimSpace(t.Text) == "" || strings.HasPrefix(t.Text, "--") || strings.HasPrefix(t.Text, "/*")
}

func beginsWith(tokens []sqlfiles.Token, words ...string) bool {
	for i, w := range words {
		if tokens[i].Text != w {
			return false
		}
	}
	return true
}
