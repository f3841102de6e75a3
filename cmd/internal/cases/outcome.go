package cases

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/cmd/internal/trace"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
)

// Outcome is what came of answers: the rows of each table, by its name.
type Outcome map[string][]trace.Row

// passing are columns that say where a row lies; of a break also when it was looked at
// last, what people wrote about it, and a title and a sentence that stand there in both
// languages anyway.
func passing(table, column string) bool {
	switch column {
	case "landing_ref", "payload_sha256":
		return true
	case "last_seen", "title", "explanation", "owner", "comment":
		return table == "recon.breaks"
	}
	return false
}

// OfOrder is what came of an order, by its story.
func OfOrder(s *trace.Story) (Outcome, error) {
	o := Outcome{"audit.rejects": s.Rejects, "audit.findings": s.Findings, "recon.links": s.Links}
	if s.Order != nil {
		o["main.orders"] = []trace.Row{*s.Order}
	}
	for _, l := range s.Lines {
		o[l.Table] = l.Rows
	}
	for _, b := range s.Breaks {
		o["recon.breaks"] = append(o["recon.breaks"], b.Row)
	}
	for _, v := range s.Versions {
		v.Ref = "" // it is another in a case
		var row trace.Row
		data, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(data, &row)
		}
		if err != nil {
			return nil, fmt.Errorf("read version %d: %w", v.No, err)
		}
		o["audit.order_versions"] = append(o["audit.order_versions"], row)
	}
	return o.lean(), nil
}

// lean leaves out what passes, and empty tables. What a person has made of a break is no
// part of a case; that it is there, or over, is.
func (o Outcome) lean() Outcome {
	lean := Outcome{}
	for table, rows := range o {
		for _, row := range rows {
			kept := trace.Row{}
			for _, c := range row.Columns {
				switch {
				case passing(table, c.Name):
				case table == "recon.breaks" && c.Name == "status":
					kept.Columns = append(kept.Columns, trace.Column{Name: "holds", Value: fmt.Appendf(nil, "%t", row.Text("resolved_at") == "")})
				default:
					kept.Columns = append(kept.Columns, c)
				}
			}
			lean[table] = append(lean[table], kept)
		}
	}
	return lean
}

// Only leaves some of the columns of some tables.
func (o Outcome) Only(columns map[string][]string) Outcome {
	some := Outcome{}
	for table, names := range columns {
		for _, row := range o[table] {
			kept := trace.Row{}
			for _, c := range row.Columns {
				if slices.Contains(names, c.Name) {
					kept.Columns = append(kept.Columns, c)
				}
			}
			some[table] = append(some[table], kept)
		}
	}
	return some
}

// Count is how many rows a table has.
func (o Outcome) Count(table string) int { return len(o[table]) }

// personalColumns hold what is made up in a case.
var personalColumns = map[string][]string{"main.guests": {"name", "phone", "email", "id_card", "passport"}}

// AsMade is an outcome of the database of which the case was made as the case has it: in
// the names and numbers of the case, without what is made up.
func (m *Made) AsMade(o Outcome, roomsKept bool) Outcome {
	rooms := map[string]string{}
	for _, rows := range o {
		for i := range rows {
			if room := rows[i].Text("room_no"); room != "" {
				rooms[room] = m.known.hidden(room)
			}
		}
	}
	as := Outcome{}
	for table, rows := range o {
		for _, row := range rows {
			kept := trace.Row{}
			for _, c := range row.Columns {
				switch {
				case slices.Contains(personalColumns[table], c.Name), c.Name == "room_no" && !roomsKept, c.Name == "break_id" && m.asked.HideIDs:
					continue
				case c.Name == "room_no":
					c.Value = m.rename(c.Value, m.known.hidden)
				default:
					c.Value = m.rename(c.Value, func(s string) string {
						s = m.known.scrubbed(s)
						if table != "recon.breaks" || !roomsKept {
							return s
						}
						for room, made := range rooms {
							s = personal.ReplaceWhole(s, room, made)
						}
						return s
					})
				}
				kept.Columns = append(kept.Columns, c)
			}
			as[table] = append(as[table], kept)
		}
	}
	return as
}

// rename changes the texts of a value.
func (m *Made) rename(value json.RawMessage, change func(string) string) json.RawMessage {
	if len(value) == 0 || value[0] != '"' && value[0] != '{' && value[0] != '[' {
		return value
	}
	v := visitor{name: func(name string) string { return name }, scalar: func(_ string, _ []string, s string, _ bool) string { return change(s) }}
	renamed, err := v.document(value)
	if err != nil {
		return value
	}
	return renamed
}

// Differences says which rows only one of two outcomes has. Columns that want does not
// have are not looked at.
func Differences(want, got Outcome) (found []string) {
	columns := map[string][]string{}
	for _, o := range []Outcome{got, want} { // want's last: they count
		for table, rows := range o {
			if columns[table] = nil; len(rows) == 0 {
				continue
			}
			for _, c := range rows[0].Columns {
				columns[table] = append(columns[table], c.Name)
			}
		}
	}
	for _, table := range slices.Sorted(func(yield func(string) bool) {
		for table := range columns {
			if !yield(table) {
				return
			}
		}
	}) {
		some := map[string][]string{table: columns[table]}
		other := got.Only(some).lines(table)
		left := map[string]int{}
		for _, line := range other {
			left[line]++
		}
		for _, line := range want.Only(some).lines(table) {
			if left[line]--; left[line] < 0 {
				found = append(found, table+": missing: "+line)
			}
		}
		for _, line := range other {
			if left[line]--; left[line] >= 0 {
				found = append(found, table+": not expected: "+line)
			}
		}
	}
	return found
}

// lines are the rows of a table as JSON, in order.
func (o Outcome) lines(table string) []string {
	lines := make([]string, 0, len(o[table]))
	for _, row := range o[table] {
		data, _ := row.MarshalJSON() // its values are JSON
		lines = append(lines, compact(data))
	}
	slices.Sort(lines)
	return lines
}

func compact(data []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return string(data)
	}
	return b.String()
}

// write writes the rows into a new folder, a file a table.
func (o Outcome) write(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for table := range o {
		text := strings.Join(o.lines(table), "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, table+".jsonl"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// readOutcome reads what is expected of a case.
func readOutcome(from fs.FS) (Outcome, error) {
	files, err := fs.Glob(from, expectedPath+"/*.jsonl")
	if err != nil {
		return nil, err
	}
	o := Outcome{}
	for _, file := range files {
		data, err := fs.ReadFile(from, file)
		if err != nil {
			return nil, err
		}
		table := strings.TrimSuffix(path.Base(file), ".jsonl")
		for line := range bytes.Lines(data) {
			var row trace.Row
			if err := json.Unmarshal(line, &row); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			o[table] = append(o[table], row)
		}
	}
	if len(o) == 0 {
		return nil, errors.New("it says nothing of what is expected")
	}
	return o, nil
}

// ledgerTables hold what a run brought of an account; of the others a database tells only
// what stands now.
var ledgerTables = []string{"audit.extracts", "audit.rejects", "audit.findings"}

// Rows runs one SELECT and gives its rows as a JSON array.
type Rows func(ctx context.Context, statement string, args ...any) ([]byte, error)

// read runs an embedded query on one table.
func (r Rows) read(ctx context.Context, query, table string, args ...any) (read []trace.Row, err error) {
	statement, err := sqlfiles.Statement(sqlfiles.Queries+"/"+query, table)
	if err != nil {
		return nil, err
	}
	data, err := r(ctx, statement, args...)
	if err == nil {
		err = json.Unmarshal(data, &read)
	}
	if err != nil {
		return nil, fmt.Errorf("query %s of %s: %w", query, table, err)
	}
	return read, nil
}

// OfRun is what came of what an account brought in a run: its rows and breaks, and what
// the ledger has of the run.
func OfRun(ctx context.Context, rows Rows, source, account, run string) (o Outcome, err error) {
	o = Outcome{}
	tables := []string{"recon.breaks"}
	for _, def := range transform.Facts {
		tables = append(tables, "main."+def.Name)
	}
	for _, table := range tables {
		if o[table], err = rows.read(ctx, "case_rows", table, source, account); err != nil {
			return nil, err
		}
	}
	// What the account is compared with is not in the case.
	o["recon.breaks"] = slices.DeleteFunc(o["recon.breaks"], func(r trace.Row) bool { return strings.HasPrefix(r.Text("reason"), "missing_") })
	for _, table := range ledgerTables {
		if o[table], err = rows.read(ctx, "case_run_rows", table, source, account, run); err != nil {
			return nil, err
		}
	}
	return o.lean(), nil
}

// Ledger writes what the ledger has of the runs of the case, as it stands in the database
// of which the case was made: its counts are of all that came.
func (m *Made) Ledger(ctx context.Context, rows Rows) error {
	o := Outcome{}
	for _, run := range m.runs {
		read, err := rows.read(ctx, "case_run", "audit.runs", run.ID)
		if err != nil {
			return err
		}
		o["audit.runs"] = append(o["audit.runs"], read...)
		for _, id := range m.asked.Accounts {
			read, err := rows.read(ctx, "case_run_rows", "audit.extracts", id.Source, id.Account, run.ID)
			if err != nil {
				return err
			}
			o["audit.extracts"] = append(o["audit.extracts"], read...)
		}
	}
	return m.AsMade(o, false).write(filepath.Join(m.Dir, ledgerPath))
}

// OfRunAlone are the parts of an outcome that do not depend on what other runs brought.
func (o Outcome) OfRunAlone() Outcome {
	issue := []string{"stream", "order_id", "field", "reason"}
	return o.Only(map[string][]string{
		"audit.extracts": {"stream", "window_start", "window_end", "filter", "api_total", "fetched", "distinct_rows", "duplicates", "rejected", "state"},
		"audit.rejects":  issue, "audit.findings": issue,
	})
}

// Name is the id of an order as the case has it.
func (m *Made) Name(id string) string { return m.known.scrubbed(id) }
