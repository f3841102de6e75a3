package sql

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
)

// Dict says what every table and column of the database means. It is the
// single origin of the comments in the database, of the output of describe
// and of the headings in spreadsheets.
type Dict struct {
	Tables []Table // main, audit, recon; within each as they are created
}

// Table is one table of the database.
type Table struct {
	Schema, Name     string
	Comment          string // English
	LabelEN, LabelZH string // short headings
	Columns          []Column
}

// Column is one column of a table.
type Column struct {
	Name             string
	Type             string // as DuckDB writes it: DECIMAL(18,4)
	Comment          string // English: meaning, unit, currency, zone
	From             string // which field of which source fills it; may be empty
	LabelEN, LabelZH string // short headings
}

type dictionaryFile struct {
	Shared []columnEntry `yaml:"shared"`
	Tables []struct {
		Name    string        `yaml:"name"`
		EN      string        `yaml:"en"`
		ZH      string        `yaml:"zh"`
		Comment string        `yaml:"comment"`
		Columns []columnEntry `yaml:"columns"`
	} `yaml:"tables"`
}

// columnEntry is a column, the name of a shared column, or (Like) the columns
// of an earlier table that are not yet listed.
type columnEntry struct {
	Name    string `yaml:"name"`
	Like    string `yaml:"like"`
	Type    string `yaml:"type"`
	EN      string `yaml:"en"`
	ZH      string `yaml:"zh"`
	Comment string `yaml:"comment"`
	From    string `yaml:"from"`
}

// Dictionary reads the embedded dictionary.
func Dictionary() (*Dict, error) {
	return readDictionary(FS, "dictionary", []string{"shared.yaml", "main.yaml", "audit.yaml", "recon.yaml"})
}

func readDictionary(files fs.FS, folder string, names []string) (*Dict, error) {
	d := &Dict{}
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
		for _, t := range f.Tables {
			schema, table, ok := strings.Cut(t.Name, ".")
			if !ok || t.EN == "" || t.ZH == "" || t.Comment == "" {
				return nil, fmt.Errorf("read dictionary %s: table %q: want a name schema.table, en, zh and comment", file, t.Name)
			}
			if d.Table(t.Name) != nil {
				return nil, fmt.Errorf("read dictionary %s: table %s stands twice", file, t.Name)
			}
			columns, err := d.columns(t.Columns, shared)
			if err != nil {
				return nil, fmt.Errorf("read dictionary %s: table %s: %w", file, t.Name, err)
			}
			d.Tables = append(d.Tables, Table{Schema: schema, Name: table, Comment: t.Comment, LabelEN: t.EN, LabelZH: t.ZH, Columns: columns})
		}
	}
	return d, nil
}

func (e *columnEntry) column() (Column, error) {
	if e.Name == "" || e.Like != "" || e.Type == "" || e.EN == "" || e.ZH == "" || e.Comment == "" {
		return Column{}, fmt.Errorf("column %q: want name, type, en, zh and comment", e.Name)
	}
	return Column{Name: e.Name, Type: e.Type, Comment: e.Comment, From: e.From, LabelEN: e.EN, LabelZH: e.ZH}, nil
}

func (d *Dict) columns(entries []columnEntry, shared map[string]Column) ([]Column, error) {
	var columns []Column
	seen := map[string]bool{}
	add := func(c Column) {
		columns = append(columns, c)
		seen[c.Name] = true
	}
	for _, e := range entries {
		if e.Like != "" {
			like := d.Table(e.Like)
			if like == nil || e.Name != "" {
				return nil, fmt.Errorf("like: %s: want the name of a table listed before, and nothing else", e.Like)
			}
			for _, c := range like.Columns {
				if !seen[c.Name] {
					add(c)
				}
			}
			continue
		}
		if seen[e.Name] {
			return nil, fmt.Errorf("column %s stands twice", e.Name)
		}
		if c, ok := shared[e.Name]; ok && e == (columnEntry{Name: e.Name}) {
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

// CommentSQL gives the statements that put the dictionary into a database:
// COMMENT ON TABLE and COMMENT ON COLUMN for everything.
func (d *Dict) CommentSQL() []string {
	var statements []string
	for _, t := range d.Tables {
		table := quoteName(t.Schema) + "." + quoteName(t.Name)
		statements = append(statements, "COMMENT ON TABLE "+table+" IS "+quoteText(t.Comment))
		for _, c := range t.Columns {
			comment := c.Comment
			if c.From != "" {
				comment += " From: " + c.From + "."
			}
			statements = append(statements, "COMMENT ON COLUMN "+table+"."+quoteName(c.Name)+" IS "+quoteText(comment))
		}
	}
	return statements
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func quoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }
