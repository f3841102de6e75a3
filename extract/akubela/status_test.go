package akubela

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// The words of docs/sources/akubela.md, Fields, and their meaning by docs/mapping.md: of the
// order and of its stay.
func TestDocumentedWords(t *testing.T) {
	a := extracttest.Open(t, Driver(), "account: tower\nbase_url: https://akubela.example\nauth: {kind: bearer, token: secret}\n", extract.Env{})
	for _, table := range []string{"orders", "stays"} {
		extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
			Field: "order_state", Stream: streamOrders, Answer: `{"success":true,"result":[{"order_id":"1","order_state":%s}]}`,
			Table: table, Column: "status", Kept: "source_status",
			Words:   map[string]string{"check_in": "confirmed", "checked_in": "in_progress", "checked_out": "completed"},
			Unknown: "check_out",
		})
	}
}
