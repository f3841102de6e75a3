package extracttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// Vocabulary is a field of which the vendor's document lists the words.
type Vocabulary struct {
	Field  string // as a finding names it
	Stream string
	Answer string // with %s where the word stands, as JSON
	// Table and Column are where a word's meaning is loaded, Kept is the column
	// of that table that keeps the vendor's word; "" where none does.
	Table, Column, Kept string
	// Words are the documented words with their meaning by docs/mapping.md. An empty
	// meaning is null, without a finding.
	Words map[string]string
	// Numbers is set where the words are numeric codes.
	Numbers bool
	// Unknown is a word that the document does not list; "" where the rest has
	// a meaning of its own.
	Unknown string
}

// CheckVocabulary decodes an answer with each documented word, which must have
// its meaning and be no finding, and one with a word that is in no document:
// its row is loaded, the word kept, the meaning null, and a finding tells.
func CheckVocabulary(t *testing.T, a extract.Source, v Vocabulary) {
	t.Helper()
	decode := func(word string) (*Night, Row) {
		text := `"` + word + `"`
		if v.Numbers {
			text = word
		}
		body := strings.Replace(v.Answer, "%s", text, 1)
		n := Decode(t, a, &extract.Page{Stream: v.Stream, Body: []byte(body), Subject: extract.Subject{OrderID: "1"}})
		return n, n.Row(t, v.Table, nil)
	}
	kept := func(row Row, word string) string {
		if v.Kept != "" && row[v.Kept] != word {
			return fmt.Sprintf("; %s is %q", v.Kept, row[v.Kept])
		}
		return ""
	}
	for word, want := range v.Words {
		n, row := decode(word)
		if wrong := kept(row, word); row[v.Column] != want || wrong != "" || len(n.Findings)+len(n.Rejects) > 0 {
			t.Errorf("%s %s: %s is %q, want %q%s; findings %v, rejects %v", v.Field, word, v.Column, row[v.Column], want, wrong, n.Findings, n.Rejects)
		}
	}
	if v.Unknown == "" {
		return
	}
	n, row := decode(v.Unknown)
	if wrong := kept(row, v.Unknown); row[v.Column] != "" || wrong != "" || len(n.Rejects) > 0 {
		t.Errorf("%s %s, which no document has: %s is %q, want null%s; rejects %v", v.Field, v.Unknown, v.Column, row[v.Column], wrong, n.Rejects)
	}
	if len(n.Findings) != 1 || n.Findings[0].Field != v.Field || n.Findings[0].Raw != v.Unknown || n.Findings[0].Reason == "" {
		t.Errorf("%s %s, which no document has: findings %+v, want one of the field with the word", v.Field, v.Unknown, n.Findings)
	}
}
