package demo

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/reports/sheets"
)

// A thousand single things go wrong in a group in which everything adds up,
// and a hundred more that nobody can see. The night finds each of the
// thousand by the check whose business it is and with its reason; and all that
// the night finds, in every figure, is what the auditor finds in the vendors'
// own books. NIGHTAUDIT_LONG=1 does it with other groups and other mishaps.
func TestMutations(t *testing.T) {
	if os.Getenv("NIGHTAUDIT_SLOW") == "" && os.Getenv("NIGHTAUDIT_LONG") == "" {
		t.Skip("NIGHTAUDIT_SLOW is not set: a whole run over 5,000 orders takes tens of seconds")
	}
	t.Parallel()
	seeds := []uint64{Seed}
	if os.Getenv("NIGHTAUDIT_LONG") == "1" {
		seeds = append(seeds, 11, 12, 13, 14, 15)
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { mutate(t, seed, 1000, 100) })
	}
}

func mutate(t *testing.T, seed uint64, seen, unseen int) {
	var found, hidden []mutation
	running, err := Start(t.Context(), filepath.Join(t.TempDir(), "demo"), StartOptions{Anchor: anchor, World: Options{
		Clean: true, Seed: seed,
		change: func(w *World) {
			m := newMutator(w, seed)
			secret := slices.Concat(unseenInShop, unseenInHotel, unseenAtCourier)
			hidden = m.run(len(secret), secret) // one of each: some kinds need rare orders
			found = m.run(seen, slices.Concat(shopKinds, hotelKinds, courierKinds))
			hidden = append(hidden, m.run(unseen-len(hidden), secret)...)
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if len(found) != seen || len(hidden) != unseen {
		t.Fatalf("the world bore %d and %d mutations, want %d and %d", len(found), len(hidden), seen, unseen)
	}
	want := audit(t, booksOf(t, running.World))
	got := nightOver(t, running)
	compareFindings(t, got, want)

	for _, m := range found {
		if !slices.ContainsFunc(got, func(f finding) bool {
			return f.rule == m.rule && f.source+" "+f.order == m.subject && (m.reason == "" || f.reason == m.reason)
		}) {
			t.Errorf("%s (%s): want a break of %s %s, found %v", m.name, m.subject, m.rule, m.reason, of(got, m.subject))
		}
	}
	for _, m := range hidden {
		if breaks := of(got, m.subject); len(breaks) > 0 {
			t.Errorf("%s (%s): nothing can tell, and yet %v", m.name, m.subject, breaks)
		}
	}
	reasons, kinds := map[string]int{}, map[string]int{}
	for _, f := range got {
		reasons[f.reason]++
	}
	for _, m := range slices.Concat(found, hidden) {
		kinds[m.name]++
	}
	for _, k := range slices.Concat(shopKinds, hotelKinds, courierKinds, unseenInShop, unseenInHotel, unseenAtCourier) {
		if kinds[k.name] == 0 {
			t.Errorf("not once: %s", k.name)
		}
	}
	t.Logf("%d breaks of %d mutations, by reason: %v", len(got), len(found), reasons)
}

// wantNoGreenOver checks that the book of a date is green only where no error or
// warning of it is open, over every date of the world.
func wantNoGreenOver(t *testing.T, db *sql.DB) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `
		SELECT d::DATE, count(b.break_id)
		FROM (SELECT unnest(generate_series(min(business_date), (SELECT business_date FROM audit.last_complete), INTERVAL 1 DAY)) AS d FROM main.orders)
		LEFT JOIN recon.breaks b ON (b.business_date = d::DATE OR b.business_date IS NULL) AND b.status = 'open' AND b.severity <> 'info'
		GROUP BY ALL ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	dates := map[time.Time]int{}
	for rows.Next() {
		var date time.Time
		var open int
		if err := rows.Scan(&date, &open); err != nil {
			t.Fatal(err)
		}
		dates[date] = open
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	greens := 0
	for date, open := range dates {
		line, green, err := sheets.Verdict(t.Context(), db, sheets.Options{From: date, To: date, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if green && open > 0 {
			t.Errorf("%s: %d breaks are open, and the book says %s", date.Format(time.DateOnly), open, line.EN)
		}
		if green {
			greens++
		}
	}
	t.Logf("%d of %d books are green", greens, len(dates))
}

// of are the findings about an order, on either side.
func of(found []finding, subject string) []finding {
	return slices.DeleteFunc(slices.Clone(found), func(f finding) bool { return f.source+" "+f.order != subject && f.right != subject })
}

// nightOver is what a real night over the vendors of a demo finds.
func nightOver(t *testing.T, running *Running) []finding {
	t.Helper()
	clock := func() time.Time { return anchor.Add(3 * time.Hour) }
	c, err := config.Load(running.ConfigPath, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: clock, Tokens: new(extract.TokenStore),
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(t.Context(), c, pipeline.Options{Now: clock, NoReport: true, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if result.ExitCode != 0 {
		t.Fatalf("the night ended with exit code %d: %+v", result.ExitCode, result.Accounts)
	}
	db, err := sql.Open("duckdb", result.Database+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	wantNoGreenOver(t, db)
	rows, err := db.QueryContext(t.Context(), `
		SELECT rule, source, order_id, coalesce(line_no, 0), concat_ws(' ', right_source, right_order_id),
			coalesce(actual::VARCHAR, ''), coalesce(expected::VARCHAR, ''), reason, explanation_en, explanation_zh
		FROM recon.breaks WHERE status = 'open'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []finding
	for rows.Next() {
		var f finding
		var en, zh string
		if err := rows.Scan(&f.rule, &f.source, &f.order, &f.line, &f.right, &f.actual, &f.expected, &f.reason, &en, &zh); err != nil {
			t.Fatal(err)
		}
		if !explains(f, en, ".") || !explains(f, zh, "。") {
			t.Errorf("%s is explained by %q and %q", f, en, zh)
		}
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// explains tells that a sentence is whole and has the figures in it, where
// the rule compares any.
func explains(f finding, sentence, stop string) bool {
	if !strings.HasSuffix(sentence, stop) || strings.ContainsAny(sentence, "{}") {
		return false
	}
	if f.reason == "status" {
		return true
	}
	for _, figure := range []string{f.actual, f.expected} {
		figure = strings.TrimSuffix(strings.TrimSuffix(figure, "0"), "0") // 12.3400 is written 12.34
		if f.rule != "plausibility" && !strings.Contains(sentence, figure) {
			return false
		}
	}
	return true
}
