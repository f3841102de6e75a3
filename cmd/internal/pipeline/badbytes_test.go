package pipeline_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// Four of eight orders are no JSON, each in a way of its own, in every answer
// that has them, and the answers are in GBK and have text after their end: all
// eight are accounted for, the sound ones and those of which a value can be
// mended are loaded, and every fault is on a list with its order, its field and
// its place. Replaying the landing gives the same, for it holds the answers as
// they came.
func TestAnswersThatAreNoJSON(t *testing.T) {
	slowTest(t) // extracttest says it of every source without a database
	s := openShop(t, soms.Options{})
	faults := []struct{ order, sound, sent string }{
		{"S0001", `"item_title":"tea"`, "\"item_title\":\"绿\n茶\""},
		{"S0002", `"orig_total":12.00`, `"orig_total":NaN`},
		{"S0003", `"item_title":"tea"`, `"item_title":"5" 茶"`},
		{"S0004", `"item_title":"tea"`, `"item_title":"C:\dir"`},
	}
	for n := range 8 {
		id := fmt.Sprintf("S%04d", n)
		s.vendor.Put(soms.Order{
			ID: id, Created: "2026-04-09 10:00:00", Modified: "2026-04-09 11:00:00", State: "delivered",
			Front: &soms.Front{Created: "2026-04-09 10:00:00"}, Raw: json.RawMessage(soundOrder(n)),
		})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		s.vendor.ServeHTTP(answer, r)
		body := answer.Body.String()
		for _, f := range faults {
			if before, after, ok := strings.Cut(body, `{"id":"`+f.order+`"`); ok {
				body = before + `{"id":"` + f.order + `"` + strings.Replace(after, f.sound, f.sent, 1)
			}
		}
		text, err := simplifiedchinese.GBK.NewEncoder().String(body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json; charset=GBK")
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte(text + "<!-- node 3 -->")) // the test sees what comes of it
	}))
	defer server.Close()
	s.url = server.URL

	result := s.nightOf("page_size: 100", pipeline.Options{NoReport: true})
	if result.ExitCode != 3 || result.Rejected != 1 {
		t.Errorf("exit code %d with %d refused: %+v", result.ExitCode, result.Rejected, result.Accounts)
	}
	db := open(t, result.Database)
	equal(t, "orders", lines(t, db, "SELECT order_id, gross_amount, net_amount FROM orders ORDER BY order_id"), []string{
		"S0000 | 12.0000 | 10.0000", "S0001 | 12.0000 | 10.0000", "S0002 | – | 10.0000", "S0004 | 12.0000 | 10.0000",
		"S0005 | 12.0000 | 10.0000", "S0006 | 12.0000 | 10.0000", "S0007 | 12.0000 | 10.0000",
	})
	equal(t, "titles", lines(t, db, "SELECT order_id, replace(title, chr(10), '¶') FROM order_items WHERE title <> 'tea' ORDER BY order_id"), []string{
		"S0001 | 绿¶茶", `S0004 | C:\dir`,
	})
	// Places are counted within the record, in UTF-8. Each stands once,
	// though the day's orders were read twice.
	place := func(order, until string) int {
		var n int
		if _, err := fmt.Sscanf(order, "S%d", &n); err != nil {
			t.Fatal(err)
		}
		return strings.Index(soundOrder(n), until) + len(until)
	}
	title := `"item_title":"`
	equal(t, "findings", lines(t, db, `SELECT DISTINCT order_id, field, regexp_replace(reason, '[0-9]+ of the answer', 'N of the answer'), coalesce(raw, '')
		FROM audit.findings WHERE stream = 'orders' ORDER BY ALL`), []string{
		fmt.Sprintf("S0001 | items[0].item_title | a line break stands in the text as it is; it was kept (byte %d of the record) | ", place("S0001", title)+len("绿")),
		"S0002 | orig_total | not a plain decimal number | NaN",
		fmt.Sprintf("S0004 | items[0].item_title | a backslash stands in the text that escapes nothing; it was kept (byte %d of the record) | ", place("S0004", title)+len("C:")),
		"– | answer | 15 bytes after its end were left out (byte N of the answer) | ",
	})
	equal(t, "rejects", lines(t, db, "SELECT order_id, field, reason, coalesce(raw, '') FROM audit.rejects WHERE stream = 'orders'"), []string{
		fmt.Sprintf("S0003 | items[0].item_title | the record is no JSON and was set apart (byte %d of the record) | …", place("S0003", title)+len(`5" `)),
	})
	equal(t, "breaks", lines(t, db, "SELECT order_id FROM recon.breaks WHERE rule = 'unreadable' ORDER BY 1"), []string{"S0002", "S0003"})
	ref := lines(t, db, "SELECT landing_ref FROM orders WHERE order_id = 'S0001'")[0]
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	// The landing holds the bytes as they came, and gives them back as JSON.
	cfg := s.config("page_size: 100")
	store, err := landing.Open(filepath.Join(cfg.DataDir, "landing"), sealed.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(ref, "#")
	described, body, err := store.Answer(line)
	if err != nil || !described.Wrapped || described.Charset != "gbk" || !json.Valid(body) || !strings.Contains(string(body), `绿\n茶`) {
		t.Errorf("%+v: %v: %s", described, err, body)
	}

	before := dump(t, result.Database)
	replayed, err := pipeline.Replay(t.Context(), cfg, pipeline.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range dump(t, replayed.Database) {
		equal(t, "replayed: "+table, rows, before[table])
	}
}
