package filled

import (
	"strings"
	"time"
)

// The names under which a workbook says what it is of: its custom properties,
// and the same in a hidden cell of the sheet of breaks.
const (
	PropDatabase  = "nightaudit_database"
	PropSchema    = "nightaudit_schema"
	PropRun       = "nightaudit_run"
	PropPublished = "nightaudit_published"
)

// Identity is what a workbook was made from.
type Identity struct {
	Database, Schema, Run string
	// Published is the recorded time of what was published last then (UTC):
	// with the database it names one state of all its rows.
	Published time.Time
}

// Property is one of the names with its text.
type Property struct{ Name, Text string }

// Properties are the identity as the workbook has it.
func (id Identity) Properties() []Property {
	return []Property{
		{PropDatabase, id.Database},
		{PropSchema, id.Schema},
		{PropRun, id.Run},
		{PropPublished, id.Published.UTC().Format(time.RFC3339Nano)},
	}
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
