package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/sql"
)

func (a *app) describeCommand() *cli.Command {
	return &cli.Command{
		Name:        "describe",
		Usage:       "the data dictionary: tables, columns, types, units, meaning",
		ArgsUsage:   "[TABLE]",
		Description: "Without TABLE: all tables. Needs no database and no configuration.",
		ShellComplete: func(_ context.Context, c *cli.Command) {
			if d, err := sql.Dictionary(); err == nil {
				for i := range d.Tables {
					fmt.Fprintln(c.Root().Writer, tableName(&d.Tables[i]))
				}
			}
		},
		Action: func(_ context.Context, c *cli.Command) error {
			d, err := sql.Dictionary()
			if err != nil {
				return &failure{code: exit.Failed, what: "read the dictionary", err: err}
			}
			switch c.Args().Len() {
			case 0:
				a.describeAll(d)
				return nil
			case 1:
				return a.describeTable(d, c.Args().First())
			}
			return usage("describe shows one table at a time", "nightaudit describe lists them")
		},
	}
}

// tableName is what one writes in SQL.
func tableName(t *sql.Table) string {
	if t.Schema == "main" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

func (a *app) describeAll(d *sql.Dict) {
	t := a.newTable(table.Row{"table", "holds"})
	a.wrapLast(t, 2, 28)
	for i := range d.Tables {
		t.AppendRow(table.Row{tableName(&d.Tables[i]), d.Tables[i].Comment})
	}
	t.Render()
}

func (a *app) describeTable(d *sql.Dict, name string) error {
	t := d.Table(strings.ToLower(name))
	var names []string
	for i := range d.Tables {
		names = append(names, tableName(&d.Tables[i]))
		// A table's own name is enough where it names one table.
		if t == nil && strings.EqualFold(d.Tables[i].Name, name) {
			t = &d.Tables[i]
		}
	}
	if t == nil {
		return usage(fmt.Sprintf("there is no table %q", name), "the tables are "+strings.Join(names, ", "))
	}
	fmt.Fprintf(a.stdout, "%s (%s, %s)\n%s\n\n", tableName(t), t.LabelEN, t.LabelZH, t.Comment)
	out := a.newTable(table.Row{"column", "type", "heading", "meaning"})
	a.wrapLast(out, 4, 64)
	for i := range t.Columns {
		c := &t.Columns[i]
		out.AppendRow(table.Row{c.Name, c.Type, c.LabelZH, c.Meaning()})
	}
	out.Render()
	return nil
}

// wrapLast wraps the last column at the terminal's width, which the columns
// before it leave narrower by about taken. A pipe gets whole lines.
func (a *app) wrapLast(t table.Writer, column, taken int) {
	const narrowest = 30
	if width := terminalWidth(a.stdout); width > 0 {
		t.SetColumnConfigs([]table.ColumnConfig{{Number: column, WidthMax: max(width-taken, narrowest), WidthMaxEnforcer: text.WrapSoft}})
	}
}
