package pipeline_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/landing"
)

// wantVerified hashes every byte, and wants nothing found but kinds.
func wantVerified(t *testing.T, cfg *config.Config, kinds ...landing.Kind) *pipeline.VerifyResult {
	t.Helper()
	return wantVerifiedWith(t, cfg, pipeline.VerifyOptions{All: true}, kinds...)
}

func wantVerifiedWith(t *testing.T, cfg *config.Config, o pipeline.VerifyOptions, kinds ...landing.Kind) *pipeline.VerifyResult {
	t.Helper()
	v, err := pipeline.Verify(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []landing.Kind
	for _, f := range v.Findings {
		got = append(got, f.Kind)
	}
	slices.Sort(got)
	slices.Sort(kinds)
	if !slices.Equal(got, kinds) {
		t.Errorf("found %+v, want %v", v.Findings, kinds)
	}
	return v
}

func setBack(t *testing.T, path string, data string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte(data), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func alter(t *testing.T, database, statement string) {
	t.Helper()
	if err := os.Chmod(database, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", database)
	if err == nil {
		_, err = db.Exec(statement)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Two nights and a close: the published database and the workbooks name the seals
// of their landing. Whatever of them is another's, or an older one, is found.
func TestVerifyPublished(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	night := func() *pipeline.Result {
		t.Helper()
		r, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	one := night()
	afterOne := read(t, one.Database)
	old := filepath.Join(t.TempDir(), "from the archive.xlsx") // the second night makes that date's book anew
	if err := os.WriteFile(old, []byte(read(t, one.Workbook)), 0o600); err != nil {
		t.Fatal(err)
	}
	h.pass()
	two := night()
	afterTwo := read(t, two.Database)
	h.now = h.now.Add(time.Hour)
	if _, err := pipeline.Close(t.Context(), h.cfg, pipeline.CloseOptions{Options: pipeline.Options{Now: h.clock, By: "chen"}, Month: march, Force: true, Reason: "test"}); err != nil {
		t.Fatal(err)
	}
	whole := read(t, two.Database)
	v := wantVerified(t, h.cfg)
	if v.Seals != 2 || v.Runs != 2 || v.Entries != 1 || v.Database != two.Database || len(v.Workbooks) < 2 {
		t.Errorf("verified %+v", v)
	}
	db := open(t, two.Database)
	equal(t, "head", lines(t, db, "SELECT chain_head FROM audit.meta"), []string{v.Head})
	shut(t, db)

	t.Run("an older database", func(t *testing.T) {
		setBack(t, two.Database, afterOne) // lacks the run and the close
		wantVerified(t, h.cfg, landing.Unlinked, landing.Missing)
		setBack(t, two.Database, afterTwo) // lacks the close alone
		wantVerified(t, h.cfg, landing.Missing)
		setBack(t, two.Database, whole)
	})
	t.Run("no database", func(t *testing.T) {
		if err := os.Remove(two.Database); err != nil {
			t.Fatal(err)
		}
		wantVerified(t, h.cfg, landing.Missing)
		if err := os.WriteFile(two.Database, []byte(whole), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("the ledger of the database altered", func(t *testing.T) {
		for _, statement := range []string{
			"UPDATE audit.runs SET outcome = 'partial' WHERE run_id = '" + one.RunID + "'",
			"UPDATE audit.runs SET finished_at = finished_at + INTERVAL 1 MICROSECOND WHERE run_id = '" + two.RunID + "'",
			"UPDATE audit.runs SET config_sha256 = 'x' WHERE run_id = '" + one.RunID + "'",
		} {
			alter(t, two.Database, statement)
			wantVerified(t, h.cfg, landing.Record, landing.Altered)
			setBack(t, two.Database, whole)
		}
		alter(t, two.Database, "INSERT INTO audit.runs SELECT * REPLACE ('20260101T000000Z-000000' AS run_id) FROM audit.runs LIMIT 1")
		wantVerified(t, h.cfg, landing.Missing, landing.Altered)
		setBack(t, two.Database, whole)
		alter(t, two.Database, "UPDATE audit.meta SET chain_head = NULL")
		wantVerified(t, h.cfg, landing.Unlinked)
		setBack(t, two.Database, whole)
		alter(t, two.Database, "UPDATE audit.closes SET entry_id = 'close-other'")
		wantVerified(t, h.cfg, landing.Missing, landing.Missing, landing.Altered)
		setBack(t, two.Database, whole)
	})
	t.Run("a log beside the database", func(t *testing.T) {
		wal := two.Database + ".wal"
		if err := os.WriteFile(wal, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		wantVerified(t, h.cfg, landing.Unreadable)
		if err := os.Remove(wal); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("an old workbook", func(t *testing.T) {
		v := wantVerifiedWith(t, h.cfg, pipeline.VerifyOptions{Workbooks: []string{old}})
		i := slices.IndexFunc(v.Workbooks, func(b pipeline.VerifiedBook) bool { return b.Named })
		if i < 0 || v.Workbooks[i] != (pipeline.VerifiedBook{File: old, Run: one.RunID, Sequence: 1, Named: true}) {
			t.Errorf("workbooks %+v", v.Workbooks)
		}
		wantVerifiedWith(t, h.cfg, pipeline.VerifyOptions{Workbooks: []string{h.cfg.File}}, landing.Unreadable)
	})
	t.Run("the last run gone", func(t *testing.T) {
		folders, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "2*", "*", "*", two.RunID))
		if err != nil || len(folders) != 1 {
			t.Fatal(folders, err)
		}
		aside := filepath.Join(t.TempDir(), "aside")
		if err := os.Rename(folders[0], aside); err != nil {
			t.Fatal(err)
		}
		// The database's head and its run; the workbooks of that night.
		books := 0
		for _, b := range v.Workbooks {
			if b.Run == two.RunID {
				books++
			}
		}
		want := slices.Repeat([]landing.Kind{landing.Unlinked}, 1+books)
		wantVerified(t, h.cfg, append(want, landing.Missing)...)
		if err := os.Rename(aside, folders[0]); err != nil {
			t.Fatal(err)
		}
		wantVerified(t, h.cfg)
	})
}

// A night tells that the landing is not the one that was published last, and goes
// on.
func TestNightTellsOfABrokenChain(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	r := h.run()
	seals, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "2*", "*", "*", r.RunID, "seal.json"))
	if err != nil || len(seals) != 1 {
		t.Fatal(seals, err)
	}
	setBack(t, seals[0], read(t, seals[0])+" ")
	h.now = h.now.Add(time.Hour)
	told := func(notices []string) bool {
		return slices.ContainsFunc(notices, func(n string) bool { return strings.Contains(n, "nightaudit verify") })
	}
	if r := h.run(); !told(r.Notices) || r.ExitCode != 3 {
		t.Errorf("exit code %d, told %q", r.ExitCode, r.Notices)
	}
	h.now = h.now.Add(time.Hour)
	if r := h.run(); told(r.Notices) || r.ExitCode != 0 {
		t.Errorf("exit code %d, told %q", r.ExitCode, r.Notices)
	}
	wantVerified(t, h.cfg)
}

// stoppingAt ends a night when it comes to a stage.
type stoppingAt struct {
	pipeline.Unheard
	stage string
	stop  func()
}

func (s *stoppingAt) Stage(name string) {
	if name == s.stage {
		s.stop()
	}
}

// A night that could not publish is sealed; the next one takes it up and seals it
// again. Until then verify says what it is.
func TestSealedNightTakenUp(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	h.run()
	h.now = h.now.Add(time.Hour)
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := pipeline.Run(ctx, h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true, Observer: &stoppingAt{stage: "publish", stop: func() { cancel(errors.New("stopped")) }}})
	if err == nil {
		t.Fatal("the night ended")
	}
	wantVerified(t, h.cfg, landing.Unfinished)
	h.now = h.now.Add(time.Hour)
	h.run()
	if v := wantVerified(t, h.cfg); v.Seals != 3 || v.Runs != 2 {
		t.Errorf("verified %+v", v)
	}
}

// What a courier pushed stays sealed while its account gets another name, there
// and back again.
func TestRenamedNotificationsStaySealed(t *testing.T) {
	slowTest(t)
	p := startPushing(t, created("Y1"))
	p.push("Y1", "WAIT_TAKE", "")
	p.night(t, 0)
	rename := func(old, name string) {
		t.Helper()
		text := read(t, p.file)
		setBack(t, p.file, strings.Replace(text, old, name, 1))
		p.load()
		p.night(t, 0)
		wantVerified(t, p.cfg)
	}
	wantVerified(t, p.cfg)
	rename("account: courier", "account: express, aliases: [courier]")
	if _, err := os.Stat(filepath.Join(p.cfg.DataDir, "landing", "notifications", "express")); err != nil {
		t.Error(err)
	}
	rename("account: express, aliases: [courier]", "account: courier, aliases: [express]")
	rename("account: courier, aliases: [express]", "account: express, aliases: [courier]")
	segments, err := filepath.Glob(filepath.Join(p.cfg.DataDir, "landing", "notifications", "express", "*.jsonl*"))
	if err != nil || len(segments) == 0 {
		t.Fatal(segments, err)
	}
	setBack(t, segments[0], "")
	wantVerified(t, p.cfg, landing.Shorter)
}

func created(no string) courier.Created {
	made := time.Date(2025, 6, 29, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))
	return courier.Created{
		OrderNo: no, SourceOrderNo: "X" + no, PayFee: "1000", BeforePreferentialFee: "1000", PreferentialAmount: "0",
		CarriageFee: "1000", DistanceFee: "1000", WeightFee: "0", TimeCreateOrder: fmt.Sprint(made.UnixMilli()),
	}
}

func TestVerifyNeedsALanding(t *testing.T) {
	h := startHamlet(t)
	if _, err := pipeline.Verify(t.Context(), h.cfg, pipeline.VerifyOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(h.cfg.DataDir); !errors.Is(err, os.ErrNotExist) {
		t.Error("a data folder was made")
	}
}
