package sql

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Dict says what every table, view and column of the database means. It is
// the single origin of the comments in the database, of the output of
// describe, of the headings in spreadsheets and of the lists in docs.
type Dict struct {
	Tables []Table // main, audit, recon, as they are created; then the views
	// Values says what codes are called, by vocabulary and code.
	Values map[string]map[string]Label
}

// Label is a word in both languages.
type Label struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// Table is one table or view of the database.
type Table struct {
	Schema, Name     string
	View             bool
	Comment          string // English
	LabelEN, LabelZH string // short headings
	Columns          []Column
}

// Column is one column of a table.
type Column struct {
	Name             string
	Type             string // as DuckDB writes it: DECIMAL(18,4)
	Comment          string // English: meaning, unit, currency, zone
	From             []Field
	LabelEN, LabelZH string // short headings
}

// Field says where the values of a column come from.
type Field struct {
	Source string // as in the configuration, or Own
	Name   string // the vendor's field, or a few words where it is not one field
}

// Own is the source of what nightaudit works out by itself, for all sources.
const Own = "nightaudit"

// Meaning is the comment with the fields that fill the column.
func (c *Column) Meaning() string {
	if len(c.From) == 0 {
		return c.Comment
	}
	fields := make([]string, len(c.From))
	for i, f := range c.From {
		fields[i] = f.Source + " " + f.Name
		if f.Source == Own {
			fields[i] = "worked out from " + f.Name
		}
	}
	return c.Comment + " From: " + strings.Join(fields, "; ") + "."
}

type dictionaryFile struct {
	Shared []columnEntry `yaml:"shared"`
	Tables []tableEntry  `yaml:"tables"`
	Views  []tableEntry  `yaml:"views"`

	Values map[string]map[string]Label `yaml:"values"`
}

type tableEntry struct {
	Name    string        `yaml:"name"`
	EN      string        `yaml:"en"`
	ZH      string        `yaml:"zh"`
	Comment string        `yaml:"comment"`
	Columns []columnEntry `yaml:"columns"`
}

// columnEntry is a column, the name of a shared column (with the fields that
// fill it in this table), or (Like) the columns of an earlier table that are
// not yet listed; with a name, (Like) one column of an earlier table.
type columnEntry struct {
	Name    string        `yaml:"name"`
	Like    string        `yaml:"like"`
	Type    string        `yaml:"type"`
	EN      string        `yaml:"en"`
	ZH      string        `yaml:"zh"`
	Comment string        `yaml:"comment"`
	From    yaml.MapSlice `yaml:"from"`
}

// bare says whether the entry leaves everything to another one.
func (e *columnEntry) bare() bool {
	return e.Type == "" && e.EN == "" && e.ZH == "" && e.Comment == ""
}

// Dictionary is the embedded dictionary. It is read once; nobody may change it.
func Dictionary() (*Dict, error) { return embeddedDictionary() }

var embeddedDictionary = sync.OnceValues(func() (*Dict, error) {
	return readDictionary(FS, "dictionary", []string{"shared.yaml", "main.yaml", "audit.yaml", "recon.yaml", "views.yaml", "restatements.yaml", "values.yaml"})
})

func readDictionary(files fs.FS, folder string, names []string) (*Dict, error) {
	d := &Dict{Values: map[string]map[string]Label{}}
	shared := map[string]Column{}
	for _, name := range names {
		file := path.Join(folder, name)
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("read dictionary: %w", err)
		}
		var f dictionaryFile
		if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&f); err != nil {
			return nil, fmt.Errorf("read dictionary %s: %w", file, err)
		}
		for _, e := range f.Shared {
			c, err := e.column()
			if err != nil {
				return nil, fmt.Errorf("read dictionary %s: shared: %w", file, err)
			}
			shared[c.Name] = c
		}
		for vocabulary, codes := range f.Values {
			for code, label := range codes {
				if label.EN == "" || label.ZH == "" {
					return nil, fmt.Errorf("read dictionary %s: values: %s of %s: want en and zh", file, code, vocabulary)
				}
			}
			d.Values[vocabulary] = codes
		}
		for _, t := range f.Tables {
			if err := d.add(&t, shared, false); err != nil {
				return nil, fmt.Errorf("read dictionary %s: %w", file, err)
			}
		}
		for _, t := range f.Views {
			if err := d.add(&t, shared, true); err != nil {
				return nil, fmt.Errorf("read dictionary %s: %w", file, err)
			}
		}
	}
	return d, nil
}

func (d *Dict) add(t *tableEntry, shared map[string]Column, view bool) error {
	schema, name, ok := strings.Cut(t.Name, ".")
	if !ok || t.EN == "" || t.ZH == "" || t.Comment == "" {
		return fmt.Errorf("table %q: want a name schema.table, en, zh and comment", t.Name)
	}
	if d.Table(t.Name) != nil {
		return fmt.Errorf("table %s stands twice", t.Name)
	}
	columns, err := d.columns(t.Columns, shared)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	d.Tables = append(d.Tables, Table{
		Schema: schema, Name: name, View: view,
		Comment: t.Comment, LabelEN: t.EN, LabelZH: t.ZH, Columns: columns,
	})
	return nil
}

func (e *columnEntry) column() (Column, error) {
	if e.Name == "" || e.Like != "" || e.Type == "" || e.EN == "" || e.ZH == "" || e.Comment == "" {
		return Column{}, fmt.Errorf("column %q: want name, type, en, zh and comment", e.Name)
	}
	from, err := e.fields()
	return Column{Name: e.Name, Type: e.Type, Comment: e.Comment, From: from, LabelEN: e.EN, LabelZH: e.ZH}, err
}

func (e *columnEntry) fields() ([]Field, error) {
	var fields []Field
	for _, item := range e.From {
		source, named := item.Key.(string)
		field, isText := item.Value.(string)
		if !named || !isText || field == "" {
			return nil, fmt.Errorf("column %q: from: want the name of a source and its field", e.Name)
		}
		fields = append(fields, Field{Source: source, Name: field})
	}
	return fields, nil
}

func (d *Dict) columns(entries []columnEntry, shared map[string]Column) ([]Column, error) {
	var columns []Column
	seen := map[string]bool{}
	add := func(c Column) {
		columns = append(columns, c)
		seen[c.Name] = true
	}
	for i := range entries {
		e := &entries[i]
		if seen[e.Name] {
			return nil, fmt.Errorf("column %s stands twice", e.Name)
		}
		if e.Like != "" {
			like, err := d.like(e)
			if err != nil {
				return nil, err
			}
			for _, c := range like {
				if !seen[c.Name] {
					add(c)
				}
			}
			continue
		}
		if c, ok := shared[e.Name]; ok && e.bare() {
			from, err := e.fields()
			if err != nil {
				return nil, err
			}
			c.From = from
			add(c)
			continue
		}
		c, err := e.column()
		if err != nil {
			return nil, err
		}
		add(c)
	}
	return columns, nil
}

// like finds the columns that an entry takes from an earlier table.
func (d *Dict) like(e *columnEntry) ([]Column, error) {
	table := d.Table(e.Like)
	if table == nil || !e.bare() || e.From != nil {
		return nil, fmt.Errorf("like: %s: want the name of a table listed before, and at most the name of one column", e.Like)
	}
	if e.Name == "" {
		return table.Columns, nil
	}
	c := table.Column(e.Name)
	if c == nil {
		return nil, fmt.Errorf("like: %s has no column %s", e.Like, e.Name)
	}
	return []Column{*c}, nil
}

// Table finds a table by its name, with its schema ("audit.runs") or, for a
// table of facts, without ("orders"). It is nil where there is none.
func (d *Dict) Table(name string) *Table {
	for i := range d.Tables {
		t := &d.Tables[i]
		if name == t.Schema+"."+t.Name || t.Schema == "main" && name == t.Name {
			return t
		}
	}
	return nil
}

// Column finds a column by its name; it is nil where there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Label finds the headings of a column by its name alone, for results whose
// table is not known: the first column of that name, facts first. ok is false
// where no table has such a column.
func (d *Dict) Label(column string) (en, zh string, ok bool) {
	for i := range d.Tables {
		if c := d.Tables[i].Column(column); c != nil {
			return c.LabelEN, c.LabelZH, true
		}
	}
	return "", "", false
}

// Comment is what the dictionary says of one table, view or column.
type Comment struct {
	Object string // schema.table or schema.table.column
	Text   string
	SQL    string // the statement that puts it into a database
}

// Comments lists what the dictionary says of everything. A view loses its
// comments whenever it is made again.
func (d *Dict) Comments() []Comment {
	var comments []Comment
	for i := range d.Tables {
		t := &d.Tables[i]
		kind := "TABLE"
		if t.View {
			kind = "VIEW"
		}
		object := t.Schema + "." + t.Name
		quoted := quoteName(t.Schema) + "." + quoteName(t.Name)
		comments = append(comments, Comment{object, t.Comment, "COMMENT ON " + kind + " " + quoted + " IS " + quoteText(t.Comment)})
		for j := range t.Columns {
			c := &t.Columns[j]
			comments = append(comments, Comment{
				object + "." + c.Name, c.Meaning(),
				"COMMENT ON COLUMN " + quoted + "." + quoteName(c.Name) + " IS " + quoteText(c.Meaning()),
			})
		}
	}
	return comments
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func quoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }
