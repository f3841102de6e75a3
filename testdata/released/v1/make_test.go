package pipeline_test

// How this fixture was made: by the last program that wrote schema 1, commit efbccb0, in a
// worktree of its own.
//
//	git worktree add /tmp/schema1 efbccb0
//	cp testdata/released/v1/make_test.go /tmp/schema1/cmd/internal/pipeline/make_released_test.go
//	cd /tmp/schema1 && V1=$OLDPWD/testdata/released/v1 go test ./cmd/internal/pipeline -run TestMakeReleased
//
// It is the world of released_test.go. rows has what that program's own query printed of
// each table.

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
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

type toShop struct{ http.Handler }

func (h toShop) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func TestMakeReleased(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	target, dir := os.Getenv("V1"), t.TempDir()
	now := time.Date(2026, 5, 2, 3, 0, 0, 0, soms.Zone)
	clock := func() time.Time { return now }
	shop := soms.New(soms.Options{Username: "u", Password: "p", Now: clock})
	for _, o := range []struct{ id, day, state, amount, price string }{
		{"R1", "2026-04-10", "delivered", "10.00", "9.50"},
		{"R2", "2026-04-11", "delivered", "20.50", "20.00"},
		{"R3", "2026-04-12", "canceled", "30.00", "30.00"},
	} {
		order := paidOrder(o.id, o.day+" 09:00:00", o.day+" 10:00:00", o.state, o.amount)
		order.Items[0].UnitPrice = json.Number(o.price)
		shop.Put(order)
	}
	file := filepath.Join(dir, "nightaudit.yaml")
	must(os.WriteFile(file, []byte(`version: 1
pii: {key: k}
report: {language: en}
sources:
  soms:
    - {account: shop, base_url: "https://shop.example", tenant_id: "8560", rate: 100000/s, auth: {kind: basic, username: u, password: p}}
`), 0o600))
	cfg, err := config.Load(file, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: clock, Tokens: new(extract.TokenStore), Transport: toShop{shop},
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	must(err)
	o := pipeline.Options{Now: clock, Version: "schema 1"}
	night, err := pipeline.Run(t.Context(), cfg, o)
	must(err)
	if night.ExitCode != 0 {
		t.Fatalf("the night ends with %d: %+v", night.ExitCode, night)
	}
	copyTo := func(from, to string) {
		data, err := os.ReadFile(from)
		must(err)
		must(os.MkdirAll(filepath.Dir(to), 0o755))
		must(os.WriteFile(to, data, 0o644))
	}
	copyTo(night.Workbook, filepath.Join(target, "reconciliation.xlsx"))
	now = now.Add(time.Minute)
	_, err = pipeline.Annotate(t.Context(), cfg, pipeline.AnnotateOptions{
		Options: o, By: "operator", Workbook: fillIn(t, night.Workbook, "Li Wei", map[string]entries{"R1": {"Explained", "Li Wei", "weighed goods"}}),
	})
	must(err)
	now = now.Add(time.Minute)
	_, err = pipeline.Close(t.Context(), cfg, pipeline.CloseOptions{Options: o, By: "chen", Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	must(err)

	copyTo(file, filepath.Join(target, "nightaudit.yaml"))
	must(os.RemoveAll(filepath.Join(target, "landing")))
	must(os.CopyFS(filepath.Join(target, "landing"), os.DirFS(filepath.Join(cfg.DataDir, "landing"))))
	locks, err := filepath.Glob(filepath.Join(target, "landing", "*", "lock"))
	must(err)
	for _, lock := range locks {
		must(os.Remove(lock))
	}
	database, err := os.ReadFile(filepath.Join(cfg.DataDir, "warehouse.duckdb"))
	must(err)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	must(err)
	must(os.WriteFile(filepath.Join(target, "warehouse.duckdb.zst"), encoder.EncodeAll(database, nil), 0o644))

	bin := filepath.Join(dir, "schema1")
	build := exec.Command("go", "build", "-o", bin, "../../nightaudit")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dictionary, err := sqlfiles.Dictionary()
	must(err)
	for i := range dictionary.Tables {
		if table := &dictionary.Tables[i]; !table.View {
			name := table.Schema + "." + table.Name
			out, err := exec.Command(bin, "--config", file, "query", "--format", "jsonl", "FROM "+name+" ORDER BY ALL").Output()
			must(err)
			must(os.MkdirAll(filepath.Join(target, "rows"), 0o755))
			must(os.WriteFile(filepath.Join(target, "rows", name+".jsonl"), out, 0o644))
		}
	}
}
