package load

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// TestRefusedRecordsReadTwice: a page with records that have no id is read in
// two windows of a night. A record is known again by its text: it is on the
// list and counted once, while each window counts all that it brought.
func TestRefusedRecordsReadTwice(t *testing.T) {
	const x, y = `{"id":null,"no":1}`, `{"id":null,"no":2}`
	type window struct {
		readings [][]string // the texts of the records; the last reading counts
		ledger   string     // fetched, distinct, duplicates, rejected
		// unsettled says that the readings never agreed, so that all count.
		unsettled bool
	}
	for _, c := range []struct {
		name     string
		windows  []window
		rejected int64
		listed   []string // window.reading and element
	}{
		{"the same record", []window{
			{[][]string{{x}}, "1 1 0 1", false},
			{[][]string{{x}}, "1 1 0 1", false},
		}, 1, []string{"1.0#/list/0"}},
		{"at another place", []window{
			{[][]string{{x, y}}, "2 2 0 2", false},
			{[][]string{{y, x}}, "2 2 0 2", false},
		}, 2, []string{"1.0#/list/0", "1.0#/list/1"}},
		{"one of them in one window only", []window{
			{[][]string{{x, y}}, "2 2 0 2", false},
			{[][]string{{x}}, "1 1 0 1", false},
		}, 2, []string{"0.0#/list/1", "1.0#/list/0"}},
		// Nothing tells whether two records of one text are one. In a window,
		// where the vendor counts two, they are two.
		{"two of one text", []window{
			{[][]string{{x, x}}, "2 2 0 2", false},
			{[][]string{{x}}, "1 1 0 1", false},
		}, 2, []string{"0.0#/list/1", "1.0#/list/0"}},
		{"a window that was read anew", []window{
			{[][]string{{x, y}, {x}}, "3 1 2 1", false},
			{[][]string{{x}}, "1 1 0 1", false},
		}, 1, []string{"1.0#/list/0"}},
		{"a window that never settled", []window{
			{[][]string{{x, y}, {x, y}, {y}}, "5 2 3 2", true},
		}, 2, []string{"0.1#/list/0", "0.2#/list/0"}},
		{"a record that changed", []window{
			{[][]string{{x}}, "1 1 0 1", false},
			{[][]string{{y}}, "1 1 0 1", false},
		}, 2, []string{"0.0#/list/0", "1.0#/list/0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			run, stage, b := f.stageList()
			var entries []string
			for i, w := range c.windows {
				// The days are apart, so that the ledger can be read in their order.
				no := stage.Begin(ledger.Window{Stream: "list", Start: run.At.AddDate(0, 0, i), End: run.At.AddDate(0, 0, i+1)})
				for k, texts := range w.readings {
					if k > 0 {
						stage.Supersede(no, b.Seq()+1)
					}
					withoutIDs(b, transform.PageOrigin{Ref: fmt.Sprintf("%d.%d", i, k), Window: no, Pass: k + 1}, texts)
				}
				state, total := ledger.Complete, int64(len(w.readings[len(w.readings)-1]))
				if w.unsettled {
					state, total = ledger.Unreconciled, -1
				}
				stage.End(no, total, 1, state, "", b.TakeSums())
				entries = append(entries, string(state)+" "+w.ledger)
			}
			if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
				t.Fatal(err)
			}
			loaded, err := stage.Commit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if loaded.Rejected != c.rejected {
				t.Errorf("%d refused, want %d; %s %v", loaded.Rejected, c.rejected, loaded.State, loaded.Messages)
			}
			f.want("landing_ref) FROM audit.rejects ORDER BY landing_ref", c.listed...)
			f.want("state, fetched, distinct_rows, duplicates, rejected) FROM audit.extracts ORDER BY window_start", entries...)
			// A run that is taken up again tells the same.
			again, _, err := f.w.LoadedIn(t.Context(), run, "hotel", "inn")
			if err != nil || again.Rejected != c.rejected {
				t.Errorf("%d refused when asked again, want %d; error %v", again.Rejected, c.rejected, err)
			}
		})
	}
}

// TestRefusedRecordsOfTwoStreams: a record that two streams answer is on the
// list once where one of them only adds to what the other lists, as the
// register does. Rooms are other things than orders, whatever their text.
func TestRefusedRecordsOfTwoStreams(t *testing.T) {
	const x, y = `{"id":null,"no":1}`, `{"id":null,"no":2}`
	t.Parallel()
	f := openFixture(t)
	loaded := f.night(map[string]func(b *transform.Batch){
		"register": func(b *transform.Batch) {
			withoutIDs(b, transform.PageOrigin{Ref: "register", Window: 0}, []string{x, y})
		},
		"list":  func(b *transform.Batch) { withoutIDs(b, transform.PageOrigin{Ref: "list", Window: 1}, []string{x}) },
		"rooms": func(b *transform.Batch) { withoutIDs(b, transform.PageOrigin{Ref: "rooms", Window: 2}, []string{x}) },
	}, 1)
	if loaded.Rejected != 3 || loaded.State != ledger.Complete {
		t.Errorf("%d refused, want 3; %s %v", loaded.Rejected, loaded.State, loaded.Messages)
	}
	f.want("stream, landing_ref) FROM audit.rejects ORDER BY ALL", "list list#/list/0", "register register#/list/1", "rooms rooms#/list/0")
	f.want("stream, fetched, distinct_rows, duplicates, rejected) FROM audit.extracts ORDER BY stream", "list 1 1 0 1", "register 2 2 0 2", "rooms 1 1 0 1")
}

// withoutIDs adds a page of records of the given texts, none of which has an
// id.
func withoutIDs(b *transform.Batch, page transform.PageOrigin, texts []string) {
	body := `{"list":[`
	for i, text := range texts {
		if i > 0 {
			body += ","
		}
		body += text
	}
	page.SHA256, page.Body = "00", []byte(body+"]}")
	b.Begin(page)
	for i := range texts {
		b.Record("", "/list", i)
	}
}

// TestFindingsOfAPage: what is said of an answer itself is a finding without an
// order, told once however many pages of the window say it, and no record.
func TestFindingsOfAPage(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	total := transform.Integer{Scalar: transform.Scalar{Kind: transform.Number, Text: "-3"}}
	f.night(map[string]func(b *transform.Batch){"list": func(b *transform.Batch) {
		for i := range 2 {
			withoutIDs(b, transform.PageOrigin{Ref: fmt.Sprintf("p%d", i), Window: 0, Pass: i}, []string{`{"id":null}`})
			if n, odd := total.Total(b, "/data/total"); n != -1 || odd != "-3" {
				t.Errorf("total %d and %q, want none and -3", n, odd)
			}
		}
	}}, -1)
	f.want("order_id IS NULL, field, reason, raw, landing_ref) FROM audit.findings", "true total a count below zero -3 p1#/data/total")
	f.want("record_key, order_id IS NULL) FROM audit.exceptions WHERE kind = 'finding'", "#/data/total true")
	f.want("fetched, distinct_rows, duplicates, rejected) FROM audit.extracts", "2 1 1 1")
}
