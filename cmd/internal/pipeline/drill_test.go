package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
)

// wantDrill rebuilds, and wants nothing found but these: a kind and, where it says one, the
// table or the file's end.
func wantDrill(t *testing.T, h *hamlet, want ...string) *pipeline.DrillResult {
	t.Helper()
	before := treeOf(t, filepath.Dir(h.cfg.DataDir))
	r, err := pipeline.RestoreTest(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, f := range r.Findings {
		file := f.File
		if _, table, is := strings.Cut(file, ".duckdb: "); is {
			file = filepath.Base(file[:len(file)-len(table)-2]) + " " + table
		} else if file != "" {
			file = filepath.Base(file)
		}
		got = append(got, strings.TrimSpace(string(f.Kind)+" "+file))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(slices.Compact(got), want) {
		t.Errorf("found %+v, want %v", r.Findings, want)
	}
	if after := treeOf(t, filepath.Dir(h.cfg.DataDir)); !slices.Equal(before, after) {
		t.Errorf("the drill changed files:\n%s", strings.Join(lineDiffOf(before, after), "\n"))
	}
	return r
}

// treeOf lists every file below a folder with its content, but for the lock files of
// commands.
func treeOf(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, "lock") {
			return err
		}
		files = append(files, path+" "+read(t, path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// lineDiffOf are the names of files that are in one list alone.
func lineDiffOf(before, after []string) (names []string) {
	for _, lists := range [][2][]string{{before, after}, {after, before}} {
		for _, file := range lists[0] {
			if !slices.Contains(lists[1], file) {
				name, _, _ := strings.Cut(file, " ")
				names = append(names, name)
			}
		}
	}
	return names
}

// A restore drill finds nothing where all is whole, names what differs where it is not, and
// leaves every file as it is.
func TestRestoreDrill(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.run()
	h.pass()
	two := h.run()
	h.now = h.now.Add(time.Hour)
	if _, err := pipeline.Close(t.Context(), h.cfg, pipeline.CloseOptions{Options: pipeline.Options{Now: h.clock, By: "chen"}, Month: march, Force: true, Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	working, published := filepath.Join(h.cfg.DataDir, "warehouse.duckdb"), two.Database
	r := wantDrill(t, h)
	if r.Runs != 2 || r.Entries != 1 || r.Answers == 0 || !slices.Equal(r.Databases, []string{working, published}) {
		t.Errorf("restored %+v", r)
	}
	db := open(t, published)
	tables := lines(t, db, "SELECT count(*) - 1 FROM duckdb_tables()") // all but audit.losses
	shut(t, db)
	if equal(t, "tables", tables, []string{strconv.Itoa(r.Tables)}); r.Rows < 100 {
		t.Errorf("%d rows were compared", r.Rows)
	}

	altered := []struct{ database, statement, want, says string }{
		{published, "UPDATE orders SET net_amount = net_amount + 0.0001 WHERE source = 'soms' AND order_id = (SELECT min(order_id) FROM orders WHERE source = 'soms')", "altered nightaudit.duckdb main.orders", "they differ in net_amount; the first: soms a "},
		{working, "DELETE FROM audit.rejects; DELETE FROM audit.order_versions WHERE version_no = 1 AND source = 'tuya'", "altered warehouse.duckdb audit.order_versions", "in what was rebuilt only"},
		{published, "INSERT INTO payments FROM payments LIMIT 1", "altered nightaudit.duckdb main.payments", "1 rows are there only, and 0 in what was rebuilt only"},
		{published, "UPDATE audit.closes SET closed_by = 'other'", "altered nightaudit.duckdb audit.closes", "they differ in closed_by"},
		{published, "UPDATE recon.rules SET title_en = 'x' WHERE rule = (SELECT min(rule) FROM recon.rules)", "altered nightaudit.duckdb recon.rules", "they differ in title_en"},
		{published, "DROP TABLE recon.places", "altered nightaudit.duckdb recon.places", "the table is gone"},
	}
	t.Run("what was altered", func(t *testing.T) {
		whole := map[string]string{working: read(t, working), published: read(t, published)}
		var want []string
		for _, c := range altered {
			alter(t, c.database, c.statement)
			want = append(want, c.want)
		}
		r := wantDrill(t, h, want...)
		for _, c := range altered {
			table := c.want[strings.LastIndexByte(c.want, ' ')+1:]
			i := slices.IndexFunc(r.Findings, func(f landing.Finding) bool { return strings.HasSuffix(f.File, table) })
			if i < 0 || !strings.Contains(r.Findings[i].Text, c.says) {
				t.Errorf("of %s it does not say %q: %+v", table, c.says, r.Findings)
			}
		}
		for database, data := range whole {
			setBack(t, database, data)
		}
	})
	t.Run("an answer altered", func(t *testing.T) {
		segments, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "2*", "*", "*", two.RunID, "soms-*.jsonl.zst"))
		if err != nil || len(segments) == 0 {
			t.Fatal(segments, err)
		}
		whole := read(t, segments[0])
		setBack(t, segments[0], whole[:len(whole)/2])
		r, err := pipeline.RestoreTest(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
		if err != nil || !slices.ContainsFunc(r.Findings, func(f landing.Finding) bool { return f.Kind == landing.Missing && f.Run == two.RunID }) {
			t.Errorf("found %+v: %v", r, err)
		}
		setBack(t, segments[0], whole)
	})
	t.Run("no published database", func(t *testing.T) {
		whole := read(t, published)
		if err := os.Remove(published); err != nil {
			t.Fatal(err)
		}
		wantDrill(t, h, "missing nightaudit.duckdb")
		if err := os.WriteFile(published, []byte(whole), 0o440); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("what a killed one left", func(t *testing.T) {
		left := h.cfg.DataDir + ".restore-test"
		if err := errors.Join(os.Mkdir(left, 0o700), os.WriteFile(filepath.Join(left, "warehouse.duckdb"), []byte("half"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := pipeline.RestoreTest(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"}); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
			t.Error("the folder is still there")
		}
	})
	wantDrill(t, h)
}

// The data folder is free while a drill rebuilds. What differs after a command worked on it
// meanwhile is not judged.
func TestRestoreDrillBesideANight(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.run()
	drill := func(observer pipeline.Observer) error {
		_, err := pipeline.RestoreTest(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", Observer: observer})
		return err
	}
	night := &stoppingAt{stage: "verify the landing", stop: func() {
		h.pass()
		h.run()
	}}
	if err := drill(night); err != nil {
		t.Errorf("nothing differs, and it says %v", err)
	}
	alter(t, filepath.Join(h.cfg.DataDir, "warehouse.duckdb"), "UPDATE orders SET net_amount = 1")
	if err := drill(night); !errors.Is(err, pipeline.ErrMoved) {
		t.Errorf("error %v", err)
	}
}
