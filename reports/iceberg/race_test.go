package iceberg

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
)

// writerVariable has this program commit a database to a lake in place of its tests: the
// file, the catalog, the warehouse and how many snapshots stay, with line breaks between
// them.
const writerVariable = "NIGHTAUDIT_TEST_WRITER"

func TestMain(m *testing.M) {
	if args := os.Getenv(writerVariable); args != "" {
		if err := commitAs(strings.Split(args, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func commitAs(args []string) error {
	keep, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	l, err := Open(context.Background(), raced(args[1], args[2], keep))
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", args[0]+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	_, err = l.Commit(context.Background(), db)
	return err
}

// Two databases are committed to one lake at the same time, by processes that are killed
// at random: no night is lost, each one is whole at any time, and what killed writers left
// is swept.
func TestTwoWriters(t *testing.T) {
	t.Parallel()
	race(t, raced("", filepath.Join(t.TempDir(), "lake"), everyNight))
}

// The same where each one expires the other's snapshots at once.
func TestTwoWritersExpire(t *testing.T) {
	t.Parallel()
	race(t, raced("", filepath.Join(t.TempDir(), "lake"), 2))
}

// everyNight is more nights than are committed here.
const everyNight = 1000

func raced(catalog, warehouse string, keep int) Options {
	return Options{Catalog: catalog, Warehouse: warehouse, Keep: keep, ExpireAfter: time.Nanosecond, gathered: 20_000}
}

func race(t *testing.T, o Options) {
	rounds := 3
	if os.Getenv("NIGHTAUDIT_SLOW") != "" {
		rounds = 20
	}
	if os.Getenv("NIGHTAUDIT_LONG") != "" {
		rounds = 100
	}
	if n, err := strconv.Atoi(os.Getenv("NIGHTAUDIT_ROUNDS")); err == nil {
		rounds = n
	}
	a, b := newHotel(t, o), newHotel(t, o)
	b.exec("UPDATE audit.meta SET database_id = 'db-2'; UPDATE main.orders SET account = 'other'; UPDATE main.order_items SET account = 'other'")
	t.Run("at once", func(t *testing.T) {
		for name, h := range map[string]*hotel{"db-1": a, "db-2": b} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				outer := h.t
				h.t = t
				defer func() { h.t = outer }()
				kills := 0
				for round := range rounds {
					h.change(round)
					run, file := h.publish()
					kills += h.commitKilled(file)
					if o.Keep == everyNight { // while the other one is writing
						h.sameAs(h.lastNight(name, run), file)
					}
				}
				t.Logf("%d nights, %d kills", rounds, kills)
			})
		}
	})
	if t.Failed() {
		return
	}
	for database, h := range map[string]*hotel{"db-1": a, "db-2": b} {
		var runs []string
		for _, n := range h.allNights() {
			if n.Database == database && (len(runs) == 0 || runs[len(runs)-1] != n.Run) {
				runs = append(runs, n.Run)
			}
		}
		want := make([]string, rounds)
		for i := range want {
			want[i] = fmt.Sprintf("run-%d", i+1)
		}
		if o.Keep < rounds {
			want = want[rounds-len(runs):]
		}
		if !slices.Equal(runs, want) {
			t.Errorf("%s has the nights %v, want %v", database, runs, want)
		}
	}
	a.lake.o.SweepAfter = time.Nanosecond
	swept, err := a.commit(a.copies[fmt.Sprintf("run-%d", rounds)])
	// A night whose snapshots have expired is made readable again.
	if err != nil || swept.Changed() && o.Keep == everyNight {
		t.Errorf("the last night again: %v, %v", written(swept), err)
	}
	t.Logf("%d files swept", swept.Swept)
	a.nothingStray()
	for _, n := range a.allNights() {
		h := map[string]*hotel{"db-1": a, "db-2": b}[n.Database]
		if n.Run == fmt.Sprintf("run-%d", rounds) || n.Run == "run-1" || rand.IntN(10) == 0 {
			h.sameAs(n, h.copies[n.Run])
		}
	}
}

// change changes what a night may: an order, a line, a break, and the shape of a table.
func (h *hotel) change(round int) {
	h.t.Helper()
	h.exec("UPDATE main.orders SET net_amount = $1 WHERE order_id = 'A1'", round)
	h.exec("UPDATE main.order_items SET total_amount = $1 WHERE order_id = 'T1'", round)
	h.exec("UPDATE recon.breaks SET actual = $1", round)
	if round == 1 { // outgrows one file
		h.exec(`INSERT INTO main.orders (source, account, order_id, currency, net_amount, business_date)
			SELECT 'soms', 'more', 'B' || i, 'CNY', i / 7, DATE '2026-05-01' FROM range(10000) t(i)`)
	}
}

// commitKilled has processes commit a database, and kills them at random until one is
// through. It gives how many it killed.
func (h *hotel) commitKilled(file string) (kills int) {
	h.t.Helper()
	for {
		c := exec.Command(os.Args[0], "-test.run=NONE")
		c.Env = append(os.Environ(), writerVariable+"="+file+"\n"+h.options.Catalog+"\n"+h.options.Warehouse+"\n"+strconv.Itoa(h.options.Keep))
		var said strings.Builder
		c.Stderr = &said
		if err := c.Start(); err != nil {
			h.t.Fatal(err)
		}
		killed := kills < 2 && rand.IntN(3) > 0
		if killed {
			time.AfterFunc(time.Duration(rand.IntN(1500))*time.Millisecond, func() { c.Process.Kill() })
		}
		err := c.Wait()
		switch {
		case err == nil:
			return kills
		case !killed:
			h.t.Fatalf("%s: %v: %s", file, err, said.String())
		}
		kills++
	}
}

// lastNight is the last night of a database.
func (h *hotel) lastNight(database, run string) Night {
	h.t.Helper()
	for _, n := range slices.Backward(h.allNights()) {
		if n.Database == database {
			if n.Run != run {
				h.t.Errorf("the last night of %s is %s, want %s", database, n.Run, run)
			}
			return n
		}
	}
	h.t.Fatalf("no night of %s", database)
	return Night{}
}

// nothingStray looks at every file of the warehouse: a data file is of a snapshot, and
// of the tables' metadata no more lie there than the tables name.
func (h *hotel) nothingStray() {
	h.t.Helper()
	states, err := h.lake.Tables(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	belongs := map[string]bool{}
	for _, s := range states {
		t, err := h.lake.catalog.LoadTable(h.t.Context(), s.identifier)
		if err != nil {
			h.t.Fatal(err)
		}
		belongs[t.MetadataLocation()] = true
		for old := range t.Metadata().PreviousFiles() {
			belongs[old.MetadataFile] = true
		}
		for _, snapshot := range t.Metadata().Snapshots() {
			tasks, err := t.Scan(table.WithSnapshotID(snapshot.SnapshotID)).PlanFiles(h.t.Context())
			if err != nil {
				h.t.Fatal(err)
			}
			for _, task := range tasks {
				belongs[task.File.FilePath()] = true
			}
		}
	}
	err = filepath.WalkDir(h.options.Warehouse, func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".parquet") || strings.HasSuffix(path, ".metadata.json") {
			if !belongs[path] {
				h.t.Errorf("%s belongs to nothing", path)
			}
			delete(belongs, path)
		}
		return err
	})
	if err != nil || len(belongs) > 0 {
		h.t.Errorf("files that are gone: %v, %v", belongs, err)
	}
}

// interrupted is a catalog in which another writer comes right after a table was read.
type interrupted struct {
	catalog.Catalog
	then func(table.Identifier)
}

func (c interrupted) LoadTable(ctx context.Context, id table.Identifier) (*table.Table, error) {
	t, err := c.Catalog.LoadTable(ctx, id)
	c.then(id)
	return t, err
}

// A writer that has read a table whose files another one then removed reads it anew.
func TestExpiredMeanwhile(t *testing.T) {
	t.Parallel()
	o := raced("", filepath.Join(t.TempDir(), "lake"), 1)
	a, b := newHotel(t, o), newHotel(t, o)
	b.exec("UPDATE audit.meta SET database_id = 'db-2'; UPDATE main.orders SET account = 'other'; UPDATE main.order_items SET account = 'other'")
	a.night()
	reads := 0
	a.lake.catalog = interrupted{a.lake.catalog, func(id table.Identifier) {
		if id[1] == "orders" {
			if reads++; reads == 2 { // to compare it; the first is to see that it is there
				b.night()
			}
		}
	}}
	a.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	r := a.night()
	if got := written(r); !slices.Contains(got, "main.orders +1 -1") || reads < 3 {
		t.Errorf("wrote %v after %d reads", got, reads)
	}
	files := a.files("main.orders", a.lastNight("db-1", r.Run).Snapshots["main.orders"])
	if len(files) != 2 {
		t.Errorf("the orders have the files %v, want one of each database", files)
	}
}
