package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// told is what a script reads of a story.
type told struct {
	OrderID string `json:"order_id"`
	FoundBy string `json:"found_by"`
	Answers []struct {
		State, Note string
		SHA256      string `json:"sha256"`
		Path        string
		Raw         json.RawMessage
	}
	Breaks []struct {
		Break struct {
			ID string `json:"break_id"`
		} `json:"break"`
	}
	Reports []struct{ Report string }
}

// personalMembers are the fields of the vendors' answers that hold personal
// data, from the pages of the sources ("Personal data"), where the demo has
// values in them. Its shop has none; the documented samples do.
var personalMembers = map[string][]string{
	"tuya":      {"customer_name", "customer_contact"},
	"akubela":   {"guest_name", "phone", "email", "id_card", "passport"},
	"soms":      nil,
	"starhotel": {"name", "phone"},
	"guoxiaodi": {"expressWorkerName", "expressWorkerPhone"},
}

// The demo's orders are traced by every number they have, each answer is
// verified, and no personal value is shown unless it is asked for.
func TestTraceDemo(t *testing.T) {
	slowTest(t)
	dir := filepath.Join(t.TempDir(), "demo")
	copyDemo(t, dir)
	cfg := "--config=" + filepath.Join(dir, "nightaudit.yaml")
	tell := func(args ...string) (s told) {
		t.Helper()
		out := nightaudit(t, append([]string{"trace", cfg, "--format", "json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatalf("trace %v: %v", args, err)
		}
		return s
	}
	first := func(statement string) []string {
		t.Helper()
		var rows []map[string]any
		if err := json.Unmarshal([]byte(nightaudit(t, "query", cfg, "--format", "json", statement+" LIMIT 1")), &rows); err != nil || len(rows) != 1 {
			t.Fatalf("%s: %v, %d rows", statement, err, len(rows))
		}
		return []string{fmt.Sprint(rows[0]["id"]), fmt.Sprint(rows[0]["number"])}
	}

	for source, members := range personalMembers {
		t.Run("raw of "+source, func(t *testing.T) {
			id := first("SELECT order_id AS id FROM orders WHERE source = '" + source + "' AND status = 'completed' ORDER BY order_id")[0]
			open, shut := tell(id, "--source", source, "--raw", "--show-personal"), tell(id, "--source", source, "--raw")
			if shut.OrderID != id || len(shut.Answers) == 0 || len(shut.Reports) == 0 {
				t.Fatalf("%s is told as %+v", id, shut)
			}
			values, shown := map[string]bool{}, ""
			for i, a := range shut.Answers {
				if a.State != "verified" || a.Path == "" || len(a.SHA256) != 64 || len(a.Raw) == 0 {
					t.Errorf("answer %d is %+v", i, a)
				}
				shown += string(a.Raw)
				collect(open.Answers[i].Raw, members, values)
			}
			if len(members) > 0 && len(values) < 2 {
				t.Errorf("the answers of %s hold the personal values %v: too few to prove anything", id, values)
			}
			for v := range values {
				if strings.Contains(shown, v) {
					t.Errorf("%q is shown", v)
				}
			}
		})
	}

	for _, c := range []struct{ by, sql string }{
		{"order_no", "SELECT order_id AS id, order_no AS number FROM orders WHERE source = 'soms' ORDER BY order_id"},
		{"order_no", "SELECT order_id AS id, order_no AS number FROM orders WHERE source = 'starhotel' ORDER BY order_id"},
		{"order_no", "SELECT order_id AS id, order_no AS number FROM orders WHERE source = 'akubela' ORDER BY order_id"},
		{"waybill_no", "SELECT order_id AS id, waybill_no AS number FROM deliveries WHERE source = 'soms' AND waybill_no IS NOT NULL ORDER BY order_id"},
		{"stay_id", "SELECT order_id AS id, stay_id AS number FROM stays WHERE source = 'starhotel' AND stay_id NOT IN (SELECT order_id FROM orders) ORDER BY order_id"},
		{"flow_no of a payment", "SELECT order_id AS id, flow_no AS number FROM payments ORDER BY order_id, line_no"},
		// An order that the courier's customer number alone tells: no order of the shop has it.
		{"link_ref", "SELECT order_id AS id, link_ref AS number FROM orders WHERE source = 'guoxiaodi' AND link_ref IS NOT NULL AND link_ref NOT IN (SELECT order_id FROM orders) ORDER BY order_id"},
		{"break ", "SELECT order_id AS id, break_id AS number FROM recon.breaks WHERE order_id IS NOT NULL ORDER BY break_id"},
	} {
		t.Run("by "+c.by, func(t *testing.T) {
			id := first(c.sql)
			s := tell(id[1])
			if s.OrderID != id[0] || !strings.HasPrefix(s.FoundBy, c.by) {
				t.Errorf("%s is order %s by %s, want %s by %s", id[1], s.OrderID, s.FoundBy, id[0], c.by)
			}
			if c.by == "break " && !slices.ContainsFunc(s.Breaks, func(b struct {
				Break struct {
					ID string `json:"break_id"`
				} `json:"break"`
			},
			) bool {
				return b.Break.ID == id[1]
			}) {
				t.Errorf("the story of break %s does not tell of it", id[1])
			}
		})
	}
}

// collect notes the values of members, wherever they stand, also in texts
// that hold JSON.
func collect(document []byte, members []string, values map[string]bool) {
	var v any
	if json.Unmarshal(document, &v) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inside := range v {
				if words, ok := inside.(string); ok && len(words) > 1 && slices.Contains(members, name) {
					values[words] = true
				}
				walk(inside)
			}
		case []any:
			for _, inside := range v {
				walk(inside)
			}
		case string:
			if strings.HasPrefix(v, "{") {
				collect([]byte(v), members, values)
			}
		}
	}
	walk(v)
}
