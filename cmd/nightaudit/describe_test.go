package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
)

// carried is what is known of the columns of a table that a source fills.
type carried struct {
	// named are the columns that its streams list one by one.
	named map[string]bool
	// whole is set where a stream carries the table as it is: then only the
	// documented samples say what it fills.
	whole bool
	// filled are the columns that have a value in its documented samples.
	filled map[string]bool
}

// carries reads what a driver says and what its samples, worked out by hand
// from the vendor's document, have.
func carries(t *testing.T, d *extract.Driver) map[string]*carried {
	t.Helper()
	tables := map[string]*carried{}
	of := func(table string) *carried {
		if tables[table] == nil {
			tables[table] = &carried{named: map[string]bool{}, filled: map[string]bool{}}
		}
		return tables[table]
	}
	for _, s := range d.Streams {
		for table, columns := range s.Carries {
			for _, column := range columns {
				of(table).named[column] = true
			}
			if len(columns) == 0 {
				of(table).whole = true
			}
		}
	}
	for table, c := range tables {
		// A list of all columns but those of another stream stands for the whole.
		whole := true
		for _, column := range transform.Def(table).Columns() {
			whole = whole && c.named[column]
		}
		c.whole = c.whole || whole
	}
	samples, err := filepath.Glob(filepath.Join("../../testdata/samples", d.Name, "*", "want.yaml"))
	if err != nil || len(samples) == 0 {
		t.Fatalf("%s has no documented samples (%v)", d.Name, err)
	}
	for _, sample := range samples {
		data, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Tables map[string][]map[string]any `yaml:"tables"`
		}
		if err := yaml.Unmarshal(data, &want); err != nil {
			t.Fatalf("%s: %v", sample, err)
		}
		for table, rows := range want.Tables {
			for _, row := range rows {
				for column, value := range row {
					if value != nil {
						of(table).filled[column] = true
					}
				}
			}
		}
	}
	return tables
}

// The dictionary says for each column of the facts which source fills it:
// every source that does, and no source that does not.
func TestEveryColumnSaysWhereItComesFrom(t *testing.T) {
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	drivers := all.Drivers()
	known := map[string]bool{sqlfiles.Own: true}
	sources := map[string]map[string]*carried{}
	for i := range drivers {
		known[drivers[i].Name] = true
		sources[drivers[i].Name] = carries(t, &drivers[i])
	}
	for _, def := range transform.Facts {
		table := dictionary.Table(def.Name)
		if table == nil {
			t.Fatalf("%s is not in the dictionary", def.Name)
		}
		for _, name := range def.Columns() {
			column := table.Column(name)
			if column == nil {
				t.Errorf("%s.%s is not in the dictionary", def.Name, name)
				continue
			}
			from := map[string]bool{}
			for _, f := range column.From {
				if !known[f.Source] || from[f.Source] {
					t.Errorf("%s.%s: from: %s is no source, or stands twice", def.Name, name, f.Source)
				}
				from[f.Source] = true
			}
			if len(from) == 0 {
				t.Errorf("%s.%s does not say where it comes from", def.Name, name)
			}
			for _, source := range slices.Sorted(maps.Keys(sources)) {
				c := sources[source][def.Name]
				if c == nil {
					c = &carried{}
				}
				needed := c.filled[name] || c.named[name] && !c.whole
				switch {
				case needed && !from[source] && !from[sqlfiles.Own]:
					t.Errorf("%s.%s: %s fills it, and from does not say so", def.Name, name, source)
				case from[source] && !c.whole && !c.named[name] && !c.filled[name]:
					t.Errorf("%s.%s: from names %s, whose answers do not carry it", def.Name, name, source)
				}
			}
		}
	}
}
