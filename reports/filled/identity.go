package filled

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// The names under which a workbook says what it is of: its custom properties,
// and the same in a hidden cell of the sheet of breaks.
const (
	PropDatabase  = workbook.PropDatabase
	PropSchema    = "nightaudit_schema"
	PropRun       = "nightaudit_run"
	PropPublished = "nightaudit_published"
	PropChain     = "nightaudit_chain_head"
	PropVersion   = "nightaudit_version"
)

// Identity is what a workbook was made from.
type Identity struct {
	Database, Schema, Run string
	// Published is the recorded time of what was published last then (UTC):
	// with the database it names one state of all its rows.
	Published time.Time
	// ChainHead is the hash of the landing's last seal then: it proves which
	// landing the workbook came from. "" in workbooks of before seals.
	ChainHead string
	Version   string // of the program that made it; "" where it does not say
}

// Property is one of the names with its text.
type Property struct{ Name, Text string }

// Properties are the identity as the workbook has it.
func (id Identity) Properties() []Property {
	all := []Property{
		{PropDatabase, id.Database},
		{PropSchema, id.Schema},
		{PropRun, id.Run},
		{PropPublished, id.Published.UTC().Format(time.RFC3339Nano)},
		{PropVersion, strings.ReplaceAll(id.Version, " ", "_")}, // words stand apart in the cell
	}
	if id.ChainHead != "" {
		all = append(all, Property{PropChain, id.ChainHead})
	}
	return all
}

// set reads one property; others leave the identity as it is.
func (id *Identity) set(name, text string) {
	switch name {
	case PropDatabase:
		id.Database = text
	case PropSchema:
		id.Schema = text
	case PropRun:
		id.Run = text
	case PropChain:
		id.ChainHead = text
	case PropVersion:
		id.Version = text
	case PropPublished:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			id.Published = at
		}
	}
}

// String is the identity in one cell.
func (id Identity) String() string {
	var words []string
	for _, p := range id.Properties() {
		words = append(words, p.Name+"="+p.Text)
	}
	return strings.Join(words, " ")
}

// identityIn finds an identity among the cells of a row.
func identityIn(cells []string) (id Identity, found bool) {
	for _, cell := range cells {
		if !strings.HasPrefix(strings.TrimSpace(cell), PropDatabase+"=") {
			continue
		}
		for word := range strings.FieldsSeq(cell) {
			name, text, _ := strings.Cut(word, "=")
			id.set(name, text)
		}
		return id, true
	}
	return id, false
}

var databaseID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// summaryRows is how far down the Summary is looked at: its last lines name the
// database.
const summaryRows = 1000

// databaseShown is the database that a sheet names in so many words, as the
// Summary does: all that is left where a program dropped the properties and
// somebody the line above the breaks.
func databaseShown(f *excelize.File, heading labels.Words) (id string, err error) {
	for _, sheet := range f.GetSheetList() {
		rows, err := f.Rows(sheet)
		if err != nil {
			return "", fmt.Errorf("sheet %s: %w", sheet, err)
		}
		for no := 1; id == "" && no <= summaryRows && rows.Next(); no++ {
			cells, err := rows.Columns()
			if err != nil {
				return "", errors.Join(fmt.Errorf("sheet %s, row %d: %w", sheet, no, err), rows.Close())
			}
			if slices.ContainsFunc(cells, func(c string) bool { return c == heading.EN || c == heading.ZH }) {
				if i := slices.IndexFunc(cells, databaseID.MatchString); i >= 0 {
					id = cells[i]
				}
			}
		}
		if err := rows.Close(); id != "" || err != nil {
			return id, err
		}
	}
	return "", nil
}
