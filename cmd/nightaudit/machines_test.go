package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	iceberggo "github.com/apache/iceberg-go"
	sqlcatalog "github.com/apache/iceberg-go/catalog/sql"
	"github.com/apache/iceberg-go/table"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// machines are those of the example in docs/scale.md: one configuration, two folders, and
// one lake. On night k every order of every account has the amount of k yuan.
type machines struct {
	t        *testing.T
	vendors  inn // whose clock it is, without vendors of its own
	shops    []*soms.Vendor
	hotels   []*starhotel.Vendor
	lake     string
	dirs     [2]string
	commands [2][]string
}

const ordersOfAccount = 5 // more each night

func openMachines(t *testing.T) *machines {
	t.Helper()
	m := &machines{t: t, lake: filepath.Join(t.TempDir(), "lake")}
	page := readDocument(t, "docs/scale.md")
	_, rest, _ := strings.Cut(page, "```yaml\n")
	text, _, _ := strings.Cut(rest, "```\n")
	text = regexp.MustCompile(`"postgres://[^"]*"`).ReplaceAllString(text, "sqlite://"+m.lake+"/catalog.db")
	text = strings.ReplaceAll(text, "/srv/lake", m.lake)
	for _, account := range []string{"north", "east", "south", "west"} {
		shop := soms.New(soms.Options{Username: "u", Password: "p", Now: m.vendors.clock})
		m.shops = append(m.shops, shop)
		server := httptest.NewServer(shop)
		t.Cleanup(server.Close)
		text = strings.ReplaceAll(text, "https://"+account+".example", server.URL)
	}
	for _, account := range []string{"inn", "lodge"} {
		hotel := starhotel.New(starhotel.Options{Token: "t", Now: m.vendors.clock})
		m.hotels = append(m.hotels, hotel)
		server := httptest.NewServer(hotel)
		t.Cleanup(server.Close)
		text = strings.ReplaceAll(text, "https://"+account+".example", server.URL)
	}
	lines := regexp.MustCompile(`(?m)&& nightaudit (run .*)$`).FindAllStringSubmatch(page, -1)
	if len(lines) != len(m.dirs) || strings.Contains(text, ".example") {
		t.Fatalf("docs/scale.md has %d lines of cron, and the configuration\n%s", len(lines), text)
	}
	for i := range m.dirs {
		m.dirs[i], m.commands[i] = t.TempDir(), strings.Fields(lines[i][1])
		write(t, filepath.Join(m.dirs[i], "nightaudit.yaml"), text)
	}
	return m
}

// pass lets a night pass at every vendor.
func (m *machines) pass() {
	k := m.vendors.night.Add(1)
	for n := range k * ordersOfAccount {
		created := m.vendors.at(n/ordersOfAccount + 1).Add(-5 * time.Minute)
		for _, shop := range m.shops { // the same ids in each
			shop.Put(innSale(n+1, created, m.vendors.at(k).Add(-time.Minute), k))
		}
		for _, hotel := range m.hotels {
			hotel.Put(innBooking(n+1, created, k))
		}
	}
}

func (m *machines) command(machine int, args ...string) *exec.Cmd {
	cmd := exec.Command("nightaudit", args...)
	cmd.Dir = m.dirs[machine]
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=", "SOMS_PASSWORD=p", "STARHOTEL_TOKEN=t", "LAKE_PASSWORD=x")
	return cmd
}

func (m *machines) mustRun(machine int, args ...string) did {
	m.t.Helper()
	got := runOf(m.t, m.command(machine, args...))
	if got.code != 0 {
		m.t.Errorf("machine %d: %v ended with %d\n%s%s", machine+1, args, got.code, got.stdout, got.stderr)
	}
	return got
}

// together runs both nights at the same time. Machine killed (-1: none) is killed after a
// while, and runs again once it is dead.
func (m *machines) together(killed int, after time.Duration) (kills int) {
	m.t.Helper()
	night := func(i int) []string {
		return append(slices.Clone(m.commands[i]), "--no-report", "--at", m.vendors.clock().Format(time.RFC3339))
	}
	ended := make(chan int, len(m.dirs))
	for i := range m.dirs {
		go func() {
			defer func() { ended <- i }()
			if i == killed {
				cmd := m.command(i, night(i)...)
				if err := cmd.Start(); err != nil {
					m.t.Error(err)
					return
				}
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
				if cmd.Wait() != nil {
					kills++ // of this goroutine alone
				}
			}
			m.mustRun(i, night(i)...)
		}()
	}
	for range m.dirs {
		<-ended
	}
	return kills
}

// Two machines with three accounts each commit their nights to one lake, at the same time,
// and are killed: no night is lost, each is in the lake whole as it was published, and the
// lake as it stands holds the rows of both databases and no others.
func TestTwoMachines(t *testing.T) {
	slowTest(t)
	rounds := 3
	if long() {
		rounds = 30
	}
	m := openMachines(t)
	m.pass()
	begun := time.Now()
	m.together(-1, 0)
	took := time.Since(begun)
	m.wantUnion(1)
	kills := 0
	for k := 2; k <= rounds; k++ {
		m.pass()
		// Most of what a night commits it commits at its end.
		kills += m.together(rand.IntN(len(m.dirs)), took/3+time.Duration(rand.Int64N(int64(took))))
		m.wantUnion(k)
	}
	t.Logf("a night took %s; %d of %d were killed", took, kills, rounds-1)
	m.wantNights(rounds)
	attacks.In(t).All(kills)

	yesterday := time.Now().Add(-25 * time.Hour)
	ok(t, filepath.WalkDir(m.lake, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, yesterday, yesterday)
	}))
	m.mustRun(0, "export", "--format", "iceberg")
	m.wantNothingStray()
	m.wantUnion(rounds)
}

// wantUnion: the lake as it stands has the rows of both published databases, and of those
// each account of the example has its orders, all of night k.
func (m *machines) wantUnion(k int) {
	m.t.Helper()
	lake, err := iceberg.Look(m.t.Context(), iceberg.Options{Warehouse: m.lake})
	if err != nil {
		m.t.Fatal(err)
	}
	defer lake.Close()
	states, err := lake.Tables(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for i, dir := range m.dirs {
		column(m.t, db, fmt.Sprintf("ATTACH %s AS machine%d (READ_ONLY)", sqlfiles.Literal(filepath.Join(dir, "published", load.PublishedName)), i+1))
	}
	for _, s := range states {
		both := "(FROM machine1." + s.Name + " UNION ALL FROM machine2." + s.Name + ")"
		if s.Snapshot == 0 {
			if n := column(m.t, db, "SELECT count(*)::VARCHAR FROM "+both); n[0] != "0" {
				m.t.Errorf("night %d: the lake has nothing of %s, which has %s rows", k, s.Name, n[0])
			}
			continue
		}
		files, err := lake.Files(m.t.Context(), s.Name, s.Snapshot)
		if err != nil {
			m.t.Fatal(err)
		}
		list, err := json.Marshal(files)
		if err != nil {
			m.t.Fatal(err)
		}
		held := "(SELECT COLUMNS(c -> c <> 'business_month') FROM read_parquet(" + strings.ReplaceAll(string(list), `"`, "'") + "))"
		if len(files) == 0 {
			held = "(FROM machine1." + s.Name + " WHERE false)"
		}
		// JSON is text in the lake.
		text := func(of string) string {
			return "(SELECT to_json(t)::VARCHAR FROM (SELECT COLUMNS(*)::VARCHAR FROM " + of + ") t)"
		}
		if n := column(m.t, db, "SELECT count(*)::VARCHAR FROM ((FROM "+text(held)+" EXCEPT ALL FROM "+text(both)+") UNION ALL (FROM "+text(both)+" EXCEPT ALL FROM "+text(held)+"))"); n[0] != "0" {
			m.t.Errorf("night %d: %s rows of %s are in the lake or in the databases alone", k, n[0], s.Name)
		}
		if s.Name == "main.orders" {
			got := column(m.t, db, "SELECT account || ' ' || count(*) || ' ' || min(net_amount) || ' ' || max(net_amount) FROM "+held+" GROUP BY account ORDER BY account")
			var want []string
			for _, account := range []string{"east", "inn", "lodge", "north", "south", "west"} {
				want = append(want, fmt.Sprintf("%s %d %d.0000 %d.0000", account, k*ordersOfAccount, k, k))
			}
			if !slices.Equal(got, want) {
				m.t.Errorf("night %d: the lake's orders are %v, want %v", k, got, want)
			}
		}
	}
}

// wantNights: the lake has every night of both machines, each as it was published then.
func (m *machines) wantNights(rounds int) {
	m.t.Helper()
	var listed struct {
		Nights []iceberg.Listed `json:"nights"`
	}
	if err := json.Unmarshal([]byte(m.mustRun(0, "lake", "list", "--format", "json").stdout), &listed); err != nil {
		m.t.Fatal(err)
	}
	of := map[string][]string{} // runs by database
	for _, n := range listed.Nights {
		of[n.Database] = append(of[n.Database], n.Run)
	}
	for i, dir := range m.dirs {
		db := openFile(m.t, filepath.Join(dir, "published", load.PublishedName))
		defer db.Close()
		runs := of[column(m.t, db, "SELECT database_id FROM audit.meta")[0]]
		if len(runs) < rounds {
			m.t.Errorf("machine %d has the nights %v in the lake, want %d or more", i+1, runs, rounds)
		}
		compared := 0
		for _, run := range runs {
			if got := m.mustRun(i, "lake", "verify", "--run", run); strings.Contains(got.stdout, "; every row compared with ") {
				compared++
			}
		}
		// A run that was killed once it had published has its database replaced by the next
		// one of the same instant.
		if compared < rounds {
			m.t.Errorf("machine %d: %d nights were compared with what was published, want %d", i+1, compared, rounds)
		}
	}
	if len(of) != len(m.dirs) {
		m.t.Errorf("the lake has nights of the databases %v", of)
	}
}

// wantNothingStray: every data file of the lake is one that a snapshot lists.
func (m *machines) wantNothingStray() {
	m.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(m.lake, "catalog.db"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer db.Close()
	catalog, err := sqlcatalog.NewCatalog(iceberg.CatalogName, db, sqlcatalog.SQLite, iceberggo.Properties{"warehouse": m.lake})
	if err != nil {
		m.t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, space := range []string{"main", "audit", "recon"} {
		for id, err := range catalog.ListTables(m.t.Context(), table.Identifier{space}) {
			if err != nil {
				m.t.Fatal(err)
			}
			t, err := catalog.LoadTable(m.t.Context(), id)
			if err != nil {
				m.t.Fatal(err)
			}
			for _, s := range t.Metadata().Snapshots() {
				tasks, err := t.Scan(table.WithSnapshotID(s.SnapshotID)).PlanFiles(m.t.Context())
				if err != nil {
					m.t.Fatal(err)
				}
				for _, task := range tasks {
					listed[task.File.FilePath()] = true
				}
			}
		}
	}
	ok(m.t, filepath.WalkDir(m.lake, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".parquet") && !listed[path] {
			m.t.Errorf("%s belongs to no snapshot", path)
		}
		if strings.HasSuffix(path, ".writing") {
			m.t.Errorf("%s is left", path)
		}
		return err
	}))
}
