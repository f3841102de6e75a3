package trace

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

var recorded = time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)

const (
	statusAnswer = `{"code":0,"data":{"orderNo":"ON1","expressStatus":"RECEIVED","expressWorkerName":"张三"}}`
	register     = `{"file":"r.jsonl","format":"jsonl","first_line":1,"lines":["{\"orderNo\":\"ON10\",\"payFee\":\"1\"}","{\"data\":{\"orderNo\":\"ON1\",\"payFee\":\"1420\",\"toName\":\"李四\",\"msg\":\"张三 for 李四\"}}"]}`
)

// world is a courier order of two states, its shop order, and its answers in
// a landing: the query's, which its row names, and the register's, which no
// row names.
type world struct {
	db      *sql.DB
	landing *landing.Store
	run     landing.RunRecord
	tracer  *Tracer
}

func newWorld(t *testing.T, keys sealed.Keys) *world {
	t.Helper()
	w := &world{run: landing.RunRecord{Run: ledger.Run{ID: "r1", At: recorded}}}
	var err error
	if w.landing, err = landing.Open(t.TempDir(), keys); err != nil {
		t.Fatal(err)
	}
	journal, err := w.landing.WindowLedger("r1", recorded, "guoxiaodi", "courier")
	if err != nil {
		t.Fatal(err)
	}
	ref, sum := w.land(t, journal, "status", statusAnswer, extract.Request{Method: "POST", Path: "/query-status", Params: `{"orderNo":"ON1"}`})
	w.land(t, journal, "register", register, extract.Request{Method: "READ", Path: "r.jsonl"})
	if err := errors.Join(journal.Load([]string{"status", "register"}), journal.Commit(), journal.Close(), w.landing.SaveRun(w.run)); err != nil {
		t.Fatal(err)
	}
	w.db = newDatabase(t)
	w.exec(t, fmt.Sprintf(`
		INSERT INTO main.orders (source, account, order_id, kind, flow, status, currency, net_amount, business_date, link_ref, run_id, payload_sha256, landing_ref) VALUES
			('guoxiaodi', 'courier', 'ON1', 'delivery', 'cost', 'completed', 'CNY', 14.2, '2026-03-01', 'S1', 'r1', '%[1]s', '%[2]s'),
			('soms', 'retail', 'S1', 'retail', 'revenue', 'completed', 'CNY', 100, '2026-03-01', 'G', 'r1', NULL, NULL),
			('tuya', 'hotel', 'T1', 'commodity', 'memo', 'completed', 'CNY', 5, '2026-03-01', 'G', 'r1', NULL, NULL);
		INSERT INTO main.deliveries (source, account, order_id, delivery_id, waybill_no) VALUES ('soms', 'retail', 'S1', 'W7', 'W7');
		INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, status, net_amount, finished_at, link_ref, run_id, landing_ref) VALUES
			('guoxiaodi', 'courier', 'ON1', 1, '2026-02-28 18:00:00+00', '2026-03-01 18:00:00+00', 'in_progress', 13.2, NULL, 'S1', 'r0', NULL),
			('guoxiaodi', 'courier', 'ON1', 2, '2026-03-01 18:00:00+00', NULL, 'completed', 14.2, '2026-03-01 10:00:00+00', 'S1', 'r1', '%[2]s');
		INSERT INTO recon.rules (rule, severity, candidate, tolerance, title_en, title_zh) VALUES ('courier_vs_shop', 'error', false, 0.01, 'Courier against shop', '运费核对');
		INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, right_source, right_account, right_order_id, expected, actual, difference, currency, reason, explanation_en, explanation_zh, first_seen, last_seen, status) VALUES
			('aaaaaaaa11', 'courier_vs_shop', 'error', 'soms', 'retail', 'S1', 'guoxiaodi', 'courier', 'ON1', 13.2, 14.2, 1, 'CNY', 'amount', 'differs by 1.00', '相差 1.00', '2026-03-01 18:00:00+00', '2026-03-01 18:00:00+00', 'open'),
			('bbbbbbbb22', 'completeness', 'error', 'soms', 'retail', NULL, NULL, NULL, NULL, 10, 9, -1, NULL, 'amount', 'one is missing', '少一单', '2026-03-01 18:00:00+00', '2026-03-01 18:00:00+00', 'open');
		INSERT INTO recon.annotations (entry_id, break_id, annotated_at, author, status_before, status, comment, overrode) VALUES ('e1', 'aaaaaaaa11', '2026-03-02 02:00:00+00', 'li', 'open', 'explained', 'ask the courier', false);
		INSERT INTO recon.links (rule, source, account, order_id, right_source, right_account, right_order_id, certainty) VALUES ('courier', 'soms', 'retail', 'S1', 'guoxiaodi', 'courier', 'ON1', 'exact');
		INSERT INTO audit.rejects (run_id, source, account, stream, order_id, field, reason, landing_ref) VALUES ('r1', 'soms', 'retail', 'orders', 'S9', 'id', 'twice', NULL);`, sum, ref+"#/data"))
	w.tracer = &Tracer{
		Rows: func(ctx context.Context, statement string, args ...any) ([]byte, error) {
			var b bytes.Buffer
			err := query.Write(ctx, w.db, &b, "json", format.Layout{}, statement, args...)
			return b.Bytes(), err
		},
		Standings: func(ctx context.Context, key catalogue.OrderKey, date time.Time) ([]catalogue.Standing, []error, error) {
			all, err := catalogue.Load("")
			if err != nil {
				return nil, nil, err
			}
			return catalogue.Standings(ctx, w.db, all, catalogue.ExportOptions{From: date, To: date, Language: labels.English}, key)
		},
		Landing: w.landing, Drivers: all.Drivers(), Raw: true,
		Zone: func(string, string) *time.Location { return time.UTC },
	}
	return w
}

func newDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	steps, err := sqlfiles.Steps()
	if err != nil {
		t.Fatal(err)
	}
	views, err := sqlfiles.ViewTexts()
	if err != nil {
		t.Fatal(err)
	}
	var texts []sqlfiles.Text
	for _, s := range steps {
		texts = append(texts, s.Text)
	}
	for _, text := range append(texts, views...) {
		if _, err := db.Exec(text.SQL); err != nil {
			t.Fatalf("%s: %v", text.Path, err)
		}
	}
	return db
}

func (w *world) exec(t *testing.T, statements string) {
	t.Helper()
	if _, err := w.db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// land lands one answer in a segment of its own, and gives its place and hash.
func (w *world) land(t *testing.T, j *landing.WindowLedger, stream, body string, r extract.Request) (ref, sum string) {
	t.Helper()
	seg, err := w.landing.Segment("r1", recorded, "guoxiaodi", "courier", stream)
	if err != nil {
		t.Fatal(err)
	}
	l, err := seg.Append(&extract.Page{Body: []byte(body), At: recorded, Status: 200, Request: r})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(seg.Describe(l, extract.Facts{Rows: 1, Total: -1}, nil), seg.Close()); err != nil {
		t.Fatal(err)
	}
	if err := j.Complete(landing.WindowEntry{Key: stream, Window: ledger.Window{Stream: stream, State: ledger.Complete}, Segment: seg.Name(), First: 1, Last: 1}); err != nil {
		t.Fatal(err)
	}
	return l.Ref, l.SHA256()
}

func (w *world) tell(t *testing.T, id string) *Story {
	t.Helper()
	s, err := w.tracer.Tell(t.Context(), Question{ID: id, Language: labels.English})
	if err != nil {
		t.Fatalf("trace %s: %v", id, err)
	}
	return s
}

func TestStoryVersions(t *testing.T) {
	s := newWorld(t, sealed.Keys{}).tell(t, "ON1")
	if len(s.Versions) != 2 || len(s.Versions[0].Changed) != 0 {
		t.Fatalf("versions %+v", s.Versions)
	}
	var got []string
	for _, c := range s.Versions[1].Changed {
		got = append(got, fmt.Sprintf("%s: %s -> %s", c.Column, c.Before, c.After))
	}
	want := []string{`status: "in_progress" -> "completed"`, `net_amount: 13.2000 -> 14.2000`, `finished_at: null -> "2026-03-01T10:00:00Z"`}
	if !slices.Equal(got, want) {
		t.Errorf("changed %v, want %v", got, want)
	}
	if v := s.Versions[1]; v.Run != "r1" || !v.ValidFrom.Equal(recorded) || v.ValidTo != nil {
		t.Errorf("version 2 is %+v", v)
	}
}

// The register's line is found although no row names it: the fee stands there.
func TestStoryAnswers(t *testing.T) {
	s := newWorld(t, sealed.Keys{}).tell(t, "ON1")
	if len(s.Answers) != 2 {
		t.Fatalf("%d answers: %+v; notes %v", len(s.Answers), s.Answers, s.Notes)
	}
	found, named := s.Answers[0], s.Answers[1]
	if found.At != "/lines/1" || found.State != Verified || len(found.Rows) != 0 || found.Method != "READ" || found.Path != "r.jsonl" {
		t.Errorf("the register is told as %+v", found)
	}
	if want := `"{\"data\":{\"orderNo\":\"ON1\",\"payFee\":\"1420\",\"toName\":\"***\",\"msg\":\"*** for ***\"}}"`; string(found.Raw) != want {
		t.Errorf("the register's line is shown as %s, want %s", found.Raw, want)
	}
	if named.At != "/data" || named.State != Verified || !slices.Equal(named.Rows, []string{"orders", "order_versions"}) || named.Params != `{"orderNo":"ON1"}` || named.Status != 200 {
		t.Errorf("the query is told as %+v", named)
	}
	if want := `{"orderNo":"ON1","expressStatus":"RECEIVED","expressWorkerName":"***"}`; string(named.Raw) != want {
		t.Errorf("the answer is shown as %s, want %s", named.Raw, want)
	}
}

func TestStoryShowsPersonalOnRequest(t *testing.T) {
	w := newWorld(t, sealed.Keys{})
	w.tracer.Personal = true
	if s := w.tell(t, "ON1"); !strings.Contains(string(s.Answers[1].Raw), "张三") {
		t.Errorf("the answer is shown as %s", s.Answers[1].Raw)
	}
}

// What is asked for is not always at hand, and that is said.
func TestStoryWithoutAnswers(t *testing.T) {
	state := func(t *testing.T, s *Story, want, note string) {
		t.Helper()
		i := slices.IndexFunc(s.Answers, func(a Answer) bool { return a.At == "/data" })
		if i < 0 || s.Answers[i].State != want || !strings.Contains(s.Answers[i].Note+strings.Join(s.Notes, " "), note) || s.Answers[i].Raw != nil {
			t.Errorf("answers %+v and notes %v, want %s: %s", s.Answers, s.Notes, want, note)
		}
	}
	t.Run("pruned", func(t *testing.T) {
		w := newWorld(t, sealed.Keys{})
		if err := w.landing.Prune(w.run); err != nil {
			t.Fatal(err)
		}
		s := w.tell(t, "ON1")
		state(t, s, Pruned, "removed for its age")
		if s.Answers[0].Path != "/query-status" { // the manifest is kept
			t.Errorf("the request is told as %q", s.Answers[0].Path)
		}
	})
	t.Run("another answer than the database knows", func(t *testing.T) {
		w := newWorld(t, sealed.Keys{})
		w.exec(t, "UPDATE main.orders SET payload_sha256 = 'f00'")
		state(t, w.tell(t, "ON1"), Damaged, "not the one that the database holds")
	})
	t.Run("encrypted", func(t *testing.T) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		var keys sealed.Keys
		if err := keys.AddRecipient(id.Recipient().String()); err != nil {
			t.Fatal(err)
		}
		state(t, newWorld(t, keys).tell(t, "ON1"), Encrypted, "landing.identity opens it")
	})
	t.Run("no landing", func(t *testing.T) {
		w := newWorld(t, sealed.Keys{})
		w.tracer.Landing, w.tracer.NoLanding = nil, "they lie elsewhere"
		state(t, w.tell(t, "ON1"), NotHere, "they lie elsewhere")
	})
}

func TestStoryBreaksAndLinks(t *testing.T) {
	w := newWorld(t, sealed.Keys{})
	for _, id := range []string{"ON1", "S1"} { // from either side
		s := w.tell(t, id)
		if len(s.Breaks) != 1 || s.Breaks[0].Row.Text("explanation") != "differs by 1.00" || len(s.Breaks[0].Annotations) != 1 || s.Breaks[0].Annotations[0].Text("comment") != "ask the courier" {
			t.Errorf("%s has breaks %+v", id, s.Breaks)
		}
		other := map[string]string{"ON1": "S1", "S1": "ON1"}[id]
		if len(s.Links) != 1 || s.Links[0].Text("order_id") != other || s.Links[0].Text("certainty") != "exact" {
			t.Errorf("%s is linked to %+v", id, s.Links)
		}
	}
}

// Each kind of number leads to the order it belongs to.
func TestFind(t *testing.T) {
	w := newWorld(t, sealed.Keys{})
	for _, c := range []struct{ asked, order, by string }{
		{"ON1", "ON1", "order_id"},
		{"S1", "S1", "order_id"}, // also the courier's link_ref
		{"W7", "S1", "waybill_no"},
		{"S9", "S9", "order_id, refused"},
		{"aaaaaaaa11", "S1", "break aaaaaaaa11"},
		{"aaaaaaaa", "S1", "break aaaaaaaa11"},
		{"bbbbbbbb", "", "break bbbbbbbb22"},
	} {
		f, err := w.tracer.find(t.Context(), Question{ID: c.asked})
		if err != nil || f.OrderID != c.order || f.FoundBy != c.by {
			t.Errorf("%s is %+v, %v; want order %q by %s", c.asked, f, err, c.order, c.by)
		}
	}
	f, err := w.tracer.find(t.Context(), Question{ID: "S1"})
	if err != nil || len(f.also) != 1 || f.also[0].OrderID != "ON1" || f.also[0].FoundBy != "link_ref" {
		t.Errorf("S1 is %+v, %v", f, err)
	}
	if s := w.tell(t, "bbbbbbbb"); s.Order != nil || len(s.Breaks) != 1 || s.Breaks[0].Row.Text("explanation") != "one is missing" {
		t.Errorf("a break without an order is told as %+v", s)
	}
	var several *Ambiguous
	if _, err := w.tracer.Tell(t.Context(), Question{ID: "G"}); !errors.As(err, &several) || len(several.Candidates) != 2 {
		t.Errorf("a number of two orders: %v", err)
	}
	if f, err := w.tracer.find(t.Context(), Question{ID: "G", Source: "tuya"}); err != nil || f.OrderID != "T1" {
		t.Errorf("narrowed to tuya: %v", err)
	}
	for _, id := range []string{"ON", "aaaa", "nothing"} {
		if _, err := w.tracer.Tell(t.Context(), Question{ID: id}); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v, want %v", id, err, ErrUnknown)
		}
	}
}

// Where an order adds to the report revenue by the rule told here, the report
// itself counts it, and the other way round: row by row, over orders that
// differ in everything the rule asks for.
func TestRevenueIsTheReports(t *testing.T) {
	w := newWorld(t, sealed.Keys{})
	w.exec(t, `DELETE FROM main.orders;
		INSERT INTO main.orders (source, account, order_id, flow, status, refund_status, store_id, currency, net_amount, business_date, deleted_at)
		SELECT 'soms', 'retail', row_number() OVER ()::VARCHAR, flow, status, refunded, store, 'CNY', 1, date, deleted
		FROM (VALUES ('revenue'), ('cost'), ('memo'), (NULL)) f(flow), (VALUES ('completed'), ('refunded'), (NULL)) s(status),
			(VALUES ('refunded'), ('none'), (NULL)) r(refunded), (VALUES ('1'), (NULL)) t(store),
			(VALUES (DATE '2026-03-01'), (NULL)) d(date), (VALUES (NULL), (TIMESTAMPTZ '2026-03-02 00:00:00+00')) x(deleted)`)
	rule, err := sqlfiles.Query("trace_revenue")
	if err != nil {
		t.Fatal(err)
	}
	all, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(r catalogue.Report) bool { return r.Name == "revenue" })
	const columns = "business_date, store, channel, status, standing, currency"
	report := strings.NewReplacer("$date_from", "'2026-03-01'", "$date_to", "'2026-03-01'").Replace(all[i].SQL)
	told := "SELECT " + columns + ", count(*) AS orders FROM main.orders o, LATERAL (" +
		strings.NewReplacer("$1", "o.source", "$2", "o.account", "$3", "o.order_id").Replace(rule) + ") r GROUP BY ALL"
	told = strings.Replace(told, "SELECT "+columns, "SELECT r."+strings.ReplaceAll(columns, ", ", ", r."), 1)
	var apart, rows int
	if err := w.db.QueryRow("WITH report AS (SELECT "+columns+", orders FROM ("+report+")), told AS ("+told+`)
		SELECT (SELECT count(*) FROM (FROM report EXCEPT ALL FROM told)) + (SELECT count(*) FROM (FROM told EXCEPT ALL FROM report)), (SELECT count(*) FROM report)`).Scan(&apart, &rows); err != nil {
		t.Fatal(err)
	}
	// By hand: completed and no status stand in the report as refunded and as
	// not, refunded only as refunded: five rows, in each of two stores.
	if apart != 0 || rows != 10 {
		t.Errorf("%d rows differ, of %d, want 0 of 10", apart, rows)
	}
}
