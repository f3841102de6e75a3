package pipeline_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// wholeLanding is a small landing of everything that one may hold: four nights,
// the first two of them pruned, an annotation and a close. It is built once, and
// every case damages a copy of it.
type wholeLanding struct {
	dir  string // holds data and published
	cfg  *config.Config
	now  time.Time
	runs []string // ids, the first two are pruned
}

// oddOrder is an order of the shop whose line does not add up, which is a break.
func oddOrder() soms.Order {
	o := paidOrder("B01", "2026-04-09 10:00:00", "2026-04-09 11:00:00", "delivered", "10.00")
	o.Items[0].UnitPrice = "9.50"
	return o
}

func buildLanding(t *testing.T) *wholeLanding {
	t.Helper()
	h := startHamlet(t)
	h.cfg.LandingKeep, h.cfg.Report.Language = 36*time.Hour, labels.English
	// Two accounts are enough, and quicker.
	h.cfg.Accounts = slices.DeleteFunc(h.cfg.Accounts, func(a config.Account) bool { return a.Driver.Name != "soms" && a.Driver.Name != "tuya" })
	h.soms.Put(oddOrder())
	var book string
	l := &wholeLanding{dir: t.TempDir(), cfg: h.cfg}
	for n := range 4 {
		if n > 0 {
			h.pass()
		}
		result, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: n != 1})
		if err != nil || result.ExitCode != 0 || len(result.Notices) > 0 {
			t.Fatalf("night %d: %v, %+v", n+1, err, result)
		}
		l.runs = append(l.runs, result.RunID)
		switch n {
		case 1:
			book = fillIn(t, result.Workbook, "li", map[string]entries{"B01": {"explained", "li", "a price of last week"}})
			h.now = h.now.Add(time.Minute)
			taken, err := pipeline.Annotate(t.Context(), h.cfg, pipeline.AnnotateOptions{Workbook: book, Options: pipeline.Options{Now: h.clock, Version: "test", By: "li"}})
			if err != nil || taken.Taken != 1 {
				t.Fatalf("annotate: %v, %+v", err, taken)
			}
		case 2:
			h.now = h.now.Add(time.Minute)
			_, err := pipeline.Close(t.Context(), h.cfg, pipeline.CloseOptions{
				Month: h.now, Force: true, Reason: "the test does not wait for May", Options: pipeline.Options{Now: h.clock, Version: "test", By: "chen"},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	l.now = h.now.Add(time.Hour)
	for _, dir := range []string{h.cfg.DataDir, h.cfg.Publish.Dir} {
		copyTree(t, dir, filepath.Join(l.dir, filepath.Base(dir)))
	}
	return l
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// holed is a copy of the landing that a case damages.
type holed struct {
	*wholeLanding
	t   *testing.T
	dir string
	cfg *config.Config
}

func (l *wholeLanding) copy(t *testing.T) *holed {
	t.Helper()
	own := *l
	c := &holed{wholeLanding: &own, t: t, dir: t.TempDir()}
	copyTree(t, l.dir, c.dir)
	cfg := *l.cfg
	cfg.DataDir, cfg.Publish.Dir = filepath.Join(c.dir, filepath.Base(l.cfg.DataDir)), filepath.Join(c.dir, filepath.Base(l.cfg.Publish.Dir))
	c.cfg = &cfg
	return c
}

func (c *holed) landing() string   { return filepath.Join(c.cfg.DataDir, "landing") }
func (c *holed) working() string   { return filepath.Join(c.cfg.DataDir, "warehouse.duckdb") }
func (c *holed) published() string { return filepath.Join(c.cfg.Publish.Dir, "nightaudit.duckdb") }
func (c *holed) kept() string      { return filepath.Join(c.cfg.DataDir, "warehouse.before-replay.duckdb") }

// at is a path of the landing. {1} is the folder of the first night.
func (c *holed) at(name string) string {
	c.t.Helper()
	for i, id := range c.runs {
		at, err := time.Parse("20060102T150405Z", id[:16])
		if err != nil {
			c.t.Fatal(err)
		}
		name = strings.ReplaceAll(name, fmt.Sprintf("{%d}", i+1), at.Format("2006/01/02/")+id)
	}
	found, err := filepath.Glob(filepath.Join(c.landing(), filepath.FromSlash(name)))
	if err != nil || len(found) != 1 {
		c.t.Fatalf("%s: %v, %v", name, found, err)
	}
	return found[0]
}

func (c *holed) read(file string) []byte {
	c.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	return data
}

func (c *holed) write(file string, data []byte) {
	c.t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *holed) replay(o pipeline.Options) (*pipeline.ReplayResult, error) {
	o.Version, o.By, o.Now = "test", "chen", func() time.Time { return c.now }
	return pipeline.Replay(c.t.Context(), c.cfg, o)
}

// differingTables says in which tables two databases differ, by SQL of its own: rows
// that the one has and not the other. When the schema was made, what is known
// of the landing's chain and what was accepted as lost is not compared.
func differingTables(t *testing.T, one, other string) (tables []string) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, file := range map[string]string{"one": one, "other": other} {
		if _, err := db.Exec(fmt.Sprintf("ATTACH '%s' AS %s (READ_ONLY)", file, name)); err != nil {
			t.Fatal(err)
		}
	}
	const list = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'one' AND table_name NOT IN ('migrations', 'losses')"
	all := lines(t, db, list)
	if len(all) < 30 {
		t.Fatalf("only %d tables", len(all))
	}
	for _, table := range all {
		columns := "*"
		if table == "audit.meta" {
			columns = "* EXCLUDE (created_at, chain_head)"
		}
		count := fmt.Sprintf(`SELECT count(*) FROM (
			(SELECT %[2]s FROM one.%[1]s EXCEPT ALL SELECT %[2]s FROM other.%[1]s) UNION ALL (SELECT %[2]s FROM other.%[1]s EXCEPT ALL SELECT %[2]s FROM one.%[1]s))`, table, columns)
		if n := lines(t, db, count)[0]; n != "0" {
			tables = append(tables, table+": "+n)
		}
	}
	slices.Sort(tables)
	return tables
}

// wholeOutcome is what becomes of damage that touches nothing that is needed.
const wholeOutcome = "nothing is lacking: replayed whole"

// judge replays over a damaged landing. Without --accept-loss a replay is whole,
// or it names what is lacking and both databases are untouched; with it what is
// lacking is named and recorded, and the database that was there is kept. outcome
// is what happened, in words.
func (c *holed) judge() (outcome string) {
	c.t.Helper()
	working, published := c.read(c.working()), c.read(c.published())
	original := filepath.Join(c.wholeLanding.dir, filepath.Base(c.cfg.Publish.Dir), "nightaudit.duckdb")
	result, err := c.replay(pipeline.Options{})
	if err == nil {
		if lacks := differingTables(c.t, original, c.published()); len(lacks) > 0 || len(result.Lost) > 0 {
			c.t.Errorf("a success that differs: %v; %v", lacks, result.Lost)
		}
		if !bytes.Equal(c.read(c.kept()), working) {
			c.t.Error("the database that was replaced is not the one that is kept")
		}
		return wholeOutcome
	}
	if !bytes.Equal(c.read(c.working()), working) || !bytes.Equal(c.read(c.published()), published) {
		c.t.Errorf("refused, and a database was touched: %v", err)
	}
	lost := (*pipeline.LossError)(nil)
	if !errors.As(err, &lost) {
		if _, err := c.replay(pipeline.Options{AcceptLoss: true}); err == nil {
			c.t.Error("an error that is no loss is gone with --accept-loss")
		}
		return "refused: " + c.plain(err.Error())
	}
	if len(lost.Lost) == 0 {
		c.t.Error("refused without a reason")
	}
	return c.plain(strings.Join(pipeline.LossLines(lost.Lost), "\n"))
}

// accept goes on without what is lacking.
func (c *holed) accept() {
	c.t.Helper()
	working := c.read(c.working())
	original := filepath.Join(c.wholeLanding.dir, filepath.Base(c.cfg.Publish.Dir), "nightaudit.duckdb")
	result, err := c.replay(pipeline.Options{AcceptLoss: true})
	if err != nil {
		return // judged: nothing was touched
	}
	if len(result.Lost) == 0 {
		c.t.Errorf("a loss was accepted and is not named; the database differs in %v", differingTables(c.t, original, c.published()))
	}
	if !bytes.Equal(c.read(c.kept()), working) {
		c.t.Error("the database that was replaced is not the one that is kept")
	}
	db := open(c.t, c.published())
	recorded := lines(c.t, db, "SELECT what FROM audit.losses WHERE accepted_by = 'chen'")
	if err := db.Close(); err != nil || len(recorded) != len(result.Lost) {
		c.t.Errorf("%d of %d losses are recorded: %v", len(recorded), len(result.Lost), err)
	}
	// The next replay knows what was accepted, finds nothing new and changes nothing.
	accepted := c.read(c.published())
	again, err := c.replay(pipeline.Options{})
	if err != nil || len(again.Lost) != len(result.Lost) {
		c.t.Errorf("the replay after that: %v, %d losses and before %d", err, len(again.Lost), len(result.Lost))
		return
	}
	if !bytes.Equal(c.read(c.kept()), working) {
		c.t.Error("a second replay threw away the database that the first had kept")
	}
	before := filepath.Join(c.dir, "accepted.duckdb")
	c.write(before, accepted)
	if lacks := differingTables(c.t, before, c.published()); len(lacks) > 0 {
		c.t.Errorf("the second replay differs from the first: %v", lacks)
	}
}

// plain leaves out of a text what differs from one build of the landing to the
// next.
func (c *holed) plain(text string) string {
	text = strings.ReplaceAll(text, c.dir+"/", "")
	for i, id := range c.runs {
		text = strings.ReplaceAll(text, id, fmt.Sprintf("night %d", i+1))
	}
	return text
}
