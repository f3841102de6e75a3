package iceberg

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// prove compares a night with what the lake holds, and with the database that was
// published then where against is set.
func (h *hotel) prove(n Night, against bool) *Proof {
	h.t.Helper()
	db := reportstest.InMemory(h.t)
	if against {
		var err error
		if db, err = sql.Open("duckdb", h.copies[n.Run]+"?access_mode=READ_ONLY"); err != nil {
			h.t.Fatal(err)
		}
		h.t.Cleanup(func() { db.Close() })
	}
	proof, err := h.lake.Prove(h.t.Context(), db, n, ProveOptions{Published: against})
	if err != nil {
		h.t.Fatal(err)
	}
	return proof
}

// found are the kinds of what was found, with their tables.
func found(p *Proof) (list []string) {
	for _, f := range p.Findings {
		list = append(list, f.Kind+" "+f.Table)
	}
	return list
}

// Of a lake that is sound nothing is said: as one file and cut into partitions, at each
// night that it holds, shared by two databases, with and without what was published. The
// figures are those of the rows.
func TestProveSoundLake(t *testing.T) {
	t.Parallel()
	a := newHotel(t, Options{gathered: 30_000})
	b := newHotel(t, a.options)
	b.exec("UPDATE audit.meta SET database_id = 'db-2'")
	b.exec("UPDATE main.orders SET source = 'other'; UPDATE main.order_items SET source = 'other'")
	a.night()
	b.night()
	a.exec("INSERT INTO main.orders (source, account, order_id, currency, net_amount, business_date) SELECT 'soms', 'retail', 'B' || i, 'CNY', 0.01, DATE '2026-05-01' FROM range(20000) t(i)")
	a.night() // gives the table partitions, and leaves b's file as it is
	b.exec("UPDATE main.orders SET net_amount = 8 WHERE order_id = 'A4'")
	b.night()
	for i, n := range a.allNights() {
		h := []*hotel{a, b, a, b}[i]
		for _, against := range []bool{true, false} {
			p := h.prove(n, against)
			if len(p.Findings) > 0 || len(p.Notices) > 0 {
				t.Errorf("night %d: found %+v, noticed %v", i+1, p.Findings, p.Notices)
			}
			k := slices.IndexFunc(p.Tables, func(t ProvenTable) bool { return t.Table == "main.orders" })
			o := p.Tables[k]
			// 20.1234 + 99999999999999.9999 + 7 + 3, and then 20,000 × 0.01, and 8 in place of 7.
			rows, sum := []json.Number{"5", "5", "20005", "5"}[i], []json.Number{"100000000000030.1233", "100000000000030.1233", "100000000000230.1233", "100000000000031.1233"}[i]
			j := slices.IndexFunc(o.Totals, func(t Total) bool { return t.Column == "net_amount" && t.Currency == "CNY" })
			for what, f := range map[json.Number]Figure{rows: o.Rows, sum: o.Totals[j].Figure} {
				if *f.Stated != what || *f.Counted != what || against && *f.Published != what || !against && f.Published != nil {
					t.Errorf("night %d: want %s, stated %s, counted %s, published %s", i+1, what, shown(f.Stated), shown(f.Counted), shown(f.Published))
				}
			}
		}
	}
}

// What is damaged is found and named, whether or not the published database is at hand.
func TestProveDamage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage  func(t *testing.T, h *hotel, file string)
		alone   []string // what is found without the published database
		against []string // and what more with it
		key     string   // of the first row that is not the same
		text    string   // somewhere among what is said
	}{
		"a file removed": {
			func(t *testing.T, _ *hotel, file string) { must(t, os.Remove(file)) },
			[]string{"gone main.orders"},
			nil, "", "it is not there",
		},
		"a file cut short": {
			func(t *testing.T, _ *hotel, file string) { must(t, os.Truncate(file, 100)) },
			[]string{"shorter main.orders"},
			nil, "", "it has 100 bytes in place of ",
		},
		"a file of noise": {
			func(t *testing.T, _ *hotel, file string) {
				data, err := os.ReadFile(file)
				must(t, err)
				must(t, os.WriteFile(file, []byte(strings.Repeat("n", len(data))), 0o600))
			},
			[]string{"unreadable main.orders"},
			nil, "", "magic bytes",
		},
		"bytes behind the end of a file": {
			func(t *testing.T, _ *hotel, file string) {
				data, err := os.ReadFile(file)
				must(t, err)
				must(t, os.WriteFile(file, append(data, data[len(data)-8:]...), 0o600))
			},
			[]string{"longer main.orders"},
			nil, "", "bytes in place of",
		},
		"one amount changed by 0.01": {
			func(t *testing.T, _ *hotel, file string) {
				rewrite(t, file, "* REPLACE (CASE order_id WHEN 'A1' THEN net_amount + 0.01 ELSE net_amount END AS net_amount)", "true")
			},
			[]string{"altered main.orders", "misstated main.orders"},
			[]string{"differs main.orders", "differs main.orders"},
			"source=soms account=retail order_id=A1", "net_amount is 20.1334 in the lake and 20.1234 in the published database",
		},
		"two amounts changed and no sum": {
			func(t *testing.T, _ *hotel, file string) {
				rewrite(t, file, "* REPLACE (net_amount + CASE order_id WHEN 'A1' THEN 0.01 WHEN 'A4' THEN -0.01 ELSE 0 END AS net_amount)", "true")
			},
			[]string{"altered main.orders"},
			[]string{"differs main.orders"},
			"source=soms account=retail order_id=A1", "net_amount is 20.1334 in the lake",
		},
		"a row taken out": {
			func(t *testing.T, _ *hotel, file string) { rewrite(t, file, "*", "order_id <> 'A4'") },
			// Rows, and two columns in CNY.
			[]string{"altered main.orders", "misstated main.orders", "misstated main.orders", "misstated main.orders"},
			[]string{"differs main.orders", "differs main.orders", "differs main.orders", "differs main.orders"},
			"source=soms account=retail order_id=A4", "this row stands in the database alone",
		},
		"totals of other rows": {
			func(t *testing.T, h *hotel, _ string) {
				restate(t, h, `"nightaudit.total.net_amount.HKD":"-5.0000"`, `"nightaudit.total.net_amount.HKD":"-5.0100"`)
			},
			[]string{"misstated main.orders"},
			nil, "", "net_amount HKD: the snapshot states -5.0100, and its files hold -5.0000",
		},
		"a number of other rows": {
			func(t *testing.T, h *hotel, _ string) {
				restate(t, h, `"nightaudit.rows":"5"`, `"nightaudit.rows":"6"`)
			},
			[]string{"misstated main.orders"},
			nil, "", "rows: the snapshot states 6, and its files hold 5",
		},
		"totals of a currency that no row has": {
			func(t *testing.T, h *hotel, _ string) {
				restate(t, h, `"nightaudit.total.net_amount.HKD"`, `"nightaudit.total.net_amount.USD"`)
			},
			[]string{"misstated main.orders", "misstated main.orders"},
			nil, "", "net_amount USD: the snapshot states -5.0000, and its files hold none",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHotel(t, Options{})
			h.night()
			n := h.allNights()[0]
			c.damage(t, h, h.files("main.orders", n.Snapshots["main.orders"])[0])
			if got := found(h.prove(n, false)); !slices.Equal(got, c.alone) {
				t.Errorf("found %v, want %v", got, c.alone)
			}
			p := h.prove(n, true)
			for _, f := range p.Findings {
				t.Logf("%+v", f)
			}
			if got := found(p); !sameKinds(got, append(c.alone, c.against...)) {
				t.Errorf("beside the published database found %v, want %v and %v", got, c.alone, c.against)
			}
			if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Key == c.key && strings.Contains(f.Text, c.text) }) {
				t.Errorf("nothing says %q of %q", c.text, c.key)
			}
		})
	}
}

func sameKinds(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite puts another file of the same name in a file's place, made by the same engine.
func rewrite(t *testing.T, file, selected, where string) {
	t.Helper()
	db, aside := reportstest.InMemory(t), filepath.Join(t.TempDir(), "aside.parquet")
	_, err := db.Exec("COPY (SELECT " + selected + " FROM read_parquet(" + sqlfiles.Literal(file) + ") WHERE " + where + ") TO " + sqlfiles.Literal(aside) + " (FORMAT parquet, COMPRESSION uncompressed)")
	must(t, err)
	must(t, os.Rename(aside, file))
}

// restate has the snapshots of the orders state something else.
func restate(t *testing.T, h *hotel, old, now string) {
	t.Helper()
	states, err := h.lake.Tables(t.Context())
	must(t, err)
	i := slices.IndexFunc(states, func(s State) bool { return s.Name == "main.orders" })
	file := strings.TrimPrefix(states[i].Metadata, "file://")
	data, err := os.ReadFile(file)
	must(t, err)
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not state %s: %s", file, old, data)
	}
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(data), old, now)), 0o600))
}

// One row among many that is not as it was published is found, whichever slice it is in.
func TestProveOneAmongMany(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{gathered: 30_000})
	h.exec("INSERT INTO main.orders (source, account, order_id, currency, net_amount, business_date) SELECT 'soms', 'retail', 'B' || i, 'CNY', 0.01, DATE '2026-05-01' FROM range($1) t(i)", 2*sliceRows+7)
	h.night()
	h.night()
	for _, order := range []string{"B0", "B9999", "B10000", "B20006"} {
		h.exec("UPDATE main.orders SET net_amount = 0.02 WHERE order_id = $1", order)
		h.exec("CHECKPOINT")
		n := h.allNights()[1]
		p, err := h.lake.Prove(t.Context(), h.db, n, ProveOptions{Published: true})
		must(t, err)
		want := Finding{Kind: differs, Table: "main.orders", Key: "source=soms account=retail order_id=" + order, Text: "net_amount is 0.0100 in the lake and 0.0200 in the published database"}
		if !slices.Contains(p.Findings, want) {
			t.Errorf("%s: found %+v", order, p.Findings)
		}
		h.exec("UPDATE main.orders SET net_amount = 0.01 WHERE order_id = $1", order)
	}
}

// another is an engine that finds in the lake what a database holds.
type another struct {
	db   *sql.DB
	read []string // the runs of the nights that it was told
}

func (e *another) Read(_ context.Context, n Night) error {
	e.read = append(e.read, n.Run)
	return nil
}

func (e *another) Query(ctx context.Context, text sqlfiles.Text, args ...any) (*result.Rows, error) {
	return result.Query(ctx, e.db, text.SQL, args...)
}

// What another engine finds is compared, too: rows and sums of each table.
func TestProveByAnotherEngine(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	n := h.allNights()[0]
	e := &another{db: h.db}
	prove := func() *Proof {
		proof, err := h.lake.Prove(t.Context(), reportstest.InMemory(t), n, ProveOptions{Engine: e})
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	p := prove()
	if len(p.Findings) > 0 || !slices.Equal(e.read, []string{n.Run}) {
		t.Errorf("%v of the nights %v", p.Findings, e.read)
	}
	for i := range p.Tables {
		if p.Tables[i].Table == "main.orders" {
			for _, total := range p.Tables[i].Totals {
				if total.Column == "net_amount" && total.Currency == "HKD" && (total.Engine == nil || *total.Engine != "-5.0000") {
					t.Errorf("the engine's total is %s", shown(total.Engine))
				}
			}
		}
	}
	h.exec("UPDATE main.orders SET net_amount = net_amount + 0.0001 WHERE currency = 'HKD'")
	h.exec("INSERT INTO audit.runs (run_id, started_at, outcome) VALUES ('later', '2026-04-09 18:00:00Z', 'done')")
	var texts []string
	for _, f := range prove().Findings {
		texts = append(texts, f.Kind+" "+f.Table+" "+f.Text)
	}
	want := []string{
		"misread audit.runs rows: the files hold 1, and the engine finds 2",
		"misread main.orders net_amount HKD: the files hold -5.0000, and the engine finds -4.9999",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("found %q, want %q", texts, want)
	}
}
