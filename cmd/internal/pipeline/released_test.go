package pipeline_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// makeReleased writes the fixture of the present schema. Once a version has been
// released its fixture is never written again.
var makeReleased = flag.Bool("make-released", false, "write testdata/released of the present schema anew")

// releasedDir holds, by schema version, what a released program left behind: a
// configuration, a working database, a landing and a workbook.
const releasedDir = "../../../testdata/released"

const releasedConfig = `version: 1
pii: {key: k}
report: {language: en}
sources:
  soms:
    - {account: shop, base_url: "https://shop.example", tenant_id: "8560", rate: 100000/s, auth: {kind: basic, username: u, password: p}}
`

// oldShop is the vendor of the fixtures: three orders of April, 10.00 and 20.50
// delivered and 30.00 canceled; the lines of the first two say that 9.50 and 20.00
// make that.
func oldShop(now func() time.Time) *soms.Vendor {
	shop := soms.New(soms.Options{Username: "u", Password: "p", Now: now})
	for _, o := range []struct{ id, day, state, amount, price string }{
		{"R1", "2026-04-10", "delivered", "10.00", "9.50"},
		{"R2", "2026-04-11", "delivered", "20.50", "20.00"},
		{"R3", "2026-04-12", "canceled", "30.00", "30.00"},
	} {
		shop.Put(priced(paidOrder(o.id, o.day+" 09:00:00", o.day+" 10:00:00", o.state, o.amount), o.price))
	}
	return shop
}

func priced(o soms.Order, price string) soms.Order {
	o.Items[0].UnitPrice = json.Number(price)
	return o
}

// released is the world of a fixture: its folder, and a clock.
type released struct {
	*village
	shop *soms.Vendor
	wire http.RoundTripper // to the shop
}

type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func startReleased(t *testing.T, dir string) *released {
	t.Helper()
	r := &released{village: &village{t: t, dir: dir, now: time.Date(2026, 5, 2, 3, 0, 0, 0, soms.Zone)}}
	r.shop = oldShop(r.clock)
	r.wire = handlerTransport{r.shop}
	return r
}

func (r *released) load() {
	r.t.Helper()
	var err error
	r.cfg, err = config.Load(filepath.Join(r.dir, "nightaudit.yaml"), config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: r.clock, Tokens: new(extract.TokenStore), Transport: r.wire,
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestMakeReleased writes the fixture of the present schema:
//
//	go test ./cmd/internal/pipeline -run TestMakeReleased -make-released
func TestMakeReleased(t *testing.T) {
	if !*makeReleased {
		t.Skip("-make-released is not given")
	}
	schema, err := sqlfiles.SchemaVersion()
	if err != nil {
		t.Fatal(err)
	}
	r := startReleased(t, t.TempDir())
	must(t, os.WriteFile(filepath.Join(r.dir, "nightaudit.yaml"), []byte(releasedConfig), 0o600))
	r.load()
	book := r.night(pipeline.Options{}).Workbook
	kept := filepath.Join(t.TempDir(), "kept.xlsx")
	copyTo(t, book, kept)
	r.comment(book, map[string]string{"R1": "weighed goods"})
	r.closeApril()

	target := filepath.Join(releasedDir, fmt.Sprintf("v%d", schema))
	must(t, os.RemoveAll(target))
	must(t, os.MkdirAll(target, 0o755))
	must(t, os.CopyFS(filepath.Join(target, "landing"), os.DirFS(filepath.Join(r.cfg.DataDir, "landing"))))
	must(t, os.Remove(filepath.Join(target, "landing", "people", "lock")))
	copyTo(t, filepath.Join(r.dir, "nightaudit.yaml"), filepath.Join(target, "nightaudit.yaml"))
	copyTo(t, kept, filepath.Join(target, "reconciliation.xlsx"))
	database, err := os.ReadFile(filepath.Join(r.cfg.DataDir, "warehouse.duckdb"))
	must(t, err)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(target, "warehouse.duckdb.zst"), encoder.EncodeAll(database, nil), 0o644))
}

// unpack lays a fixture out as its program left it: the published database is a
// copy of the working one.
func unpack(t *testing.T, fixture string) *released {
	t.Helper()
	r := startReleased(t, t.TempDir())
	r.now = r.now.AddDate(0, 0, 1).Add(time.Hour)
	must(t, os.CopyFS(r.dir, os.DirFS(fixture)))
	packed, err := os.ReadFile(filepath.Join(r.dir, "warehouse.duckdb.zst"))
	must(t, err)
	decoder, err := zstd.NewReader(nil)
	must(t, err)
	database, err := decoder.DecodeAll(packed, nil)
	must(t, err)
	r.load()
	must(t, os.MkdirAll(r.cfg.DataDir, 0o700))
	must(t, os.MkdirAll(r.cfg.Publish.Dir, 0o750))
	must(t, os.Rename(filepath.Join(r.dir, "landing"), filepath.Join(r.cfg.DataDir, "landing")))
	must(t, os.WriteFile(filepath.Join(r.cfg.DataDir, "warehouse.duckdb"), database, 0o600))
	must(t, os.WriteFile(r.published(), database, 0o440))
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, data, 0o644))
}

// What every released program left behind is taken up by this one: its database
// is opened and migrated by a night, its landing is replayed, and its workbook,
// filled in since, is taken. The figures are those of oldShop, by hand: revenue of
// 10.00 + 20.50 in two orders, 30.00 canceled, 60.50 closed; one comment of then,
// one of now, and an order of 5.25 that has come since.
func TestReleasedVersions(t *testing.T) {
	fixtures, err := filepath.Glob(filepath.Join(releasedDir, "v*"))
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures in %s: %v", releasedDir, err)
	}
	newest, err := sqlfiles.SchemaVersion()
	must(t, err)
	for _, fixture := range fixtures {
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			t.Parallel()
			r := unpack(t, fixture)
			look := func(what string, revenue, comments []string) {
				t.Helper()
				equal(t, what+": revenue", r.read("SELECT business_date, orders, net_amount, canceled_amount FROM daily_revenue"), revenue)
				equal(t, what+": comments", r.comments(), comments)
				equal(t, what+": April", r.closed(), []string{"2026-04 | shop | 3 | 0 | 3 | 60.5000 | 60.5000"})
				equal(t, what+": closed by", r.read("SELECT period, closed_by FROM audit.closes"), []string{"2026-04 | chen"})
			}
			april := []string{"2026-04-10 | 1 | 10.0000 | 0.0000", "2026-04-11 | 1 | 20.5000 | 0.0000", "2026-04-12 | 0 | 0.0000 | 30.0000"}
			then := []string{"shop | R1 | explained | Li Wei | weighed goods", "shop | R2 | open | – | –"}
			left := april
			if filepath.Base(fixture) == "v1" { // whose own views counted what was canceled as revenue
				left = append(april[:2:2], "2026-04-12 | 1 | 30.0000 | 30.0000")
			}
			look("as it was left", left, then)

			r.shop.Put(paidOrder("R4", "2026-05-02 09:00:00", "2026-05-02 10:00:00", "delivered", "5.25"))
			r.quiet(0)
			now := append(april, "2026-05-02 | 1 | 5.2500 | 0.0000")
			look("a night of this program", now, then)
			equal(t, "schema", r.read("SELECT schema_version, (SELECT max(version) FROM audit.migrations) FROM audit.meta"), []string{fmt.Sprintf("%d | %d", newest, newest)})

			r.comment(filepath.Join(r.dir, "reconciliation.xlsx"), map[string]string{"R2": "price of April"})
			then[1] = "shop | R2 | explained | Li Wei | price of April"
			look("its workbook taken", now, then)

			r.replay()
			look("its landing replayed", now, then)
			if left, err := filepath.Glob(filepath.Join(r.cfg.DataDir, "staging", "*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q %v", left, err)
			}
		})
	}
}
