package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// landingKeys are recipients alone, and the same with their identity; secret
// is that identity's text.
func landingKeys(t *testing.T) (closed, open sealed.Keys, secret string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	err = closed.AddRecipient(id.Recipient().String())
	open = closed
	if err := errors.Join(err, open.AddIdentities(id.String())); err != nil {
		t.Fatal(err)
	}
	return closed, open, id.String()
}

// guestPhones is how the phone of every guest of the demo begins.
const guestPhones = "1380000"

// landed lists the files under a folder of the landing by the end of their
// names, and those in which text stands, compressed or not.
func landed(t *testing.T, dir, text string) (count map[string]int, holds []string) {
	t.Helper()
	count = map[string]int{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		count[filepath.Ext(path)]++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, sealed.PlainSuffix) {
			plain, err := sealed.Decompress(bytes.NewReader(data))
			if err != nil {
				return err
			}
			defer plain.Close()
			var unpacked bytes.Buffer
			if _, err := unpacked.ReadFrom(plain); err != nil {
				return err
			}
			data = unpacked.Bytes()
		}
		if bytes.Contains(data, []byte(text)) {
			holds = append(holds, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return count, holds
}

func sameDump(t *testing.T, what, path string, want map[string][]string) {
	t.Helper()
	got := wholeDump(t, path)
	for table, rows := range want {
		if strings.Join(got[table], "\n") != strings.Join(rows, "\n") {
			equal(t, what+" "+table, got[table], rows)
			t.Errorf("%s: the ordered dump of %s differs", what, table)
		}
	}
}

// A landing that was plain until yesterday and is encrypted from today on
// replays to the same tables. Without the identity the replay says what is
// missing and changes nothing.
func TestEncryptedLanding(t *testing.T) {
	slowTest(t)
	closed, open, _ := landingKeys(t)
	g := startGroup(t, demo.Options{Small: true})
	l := &living{g: g, rnd: rand.New(rand.NewPCG(5, 5))}
	folder := func() string {
		return filepath.Join(g.cfg.DataDir, "landing", g.now.UTC().Format("2006/01/02"))
	}
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	if count, holds := landed(t, folder(), guestPhones); count[".age"] != 0 || len(holds) < 3 {
		t.Fatalf("the plain night landed %v, with phones in %v: this test would find nothing", count, holds)
	}
	l.day()
	g.cfg.LandingKeys = closed
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	second := folder()
	for _, text := range []string{guestPhones, "order_amount", `"Li"`} { // the last is a guest of that day
		if count, holds := landed(t, second, text); count[".age"] < 5 || count[".zst"] != 0 || len(holds) > 0 {
			t.Errorf("the encrypted night landed %v, with %q in %v", count, text, holds)
		}
	}

	path := filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")
	before := wholeDump(t, path)
	published, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock})
	if !errors.Is(err, sealed.ErrNoIdentity) || !strings.Contains(err.Error(), "landing.identity is not set: set it") {
		t.Errorf("a replay without the identity: %v", err)
	}
	if now, err := os.Stat(path); err != nil || !now.ModTime().Equal(published.ModTime()) {
		t.Errorf("it touched the published database: %v", err)
	}
	g.cfg.LandingKeys = open
	if _, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock}); err != nil {
		t.Fatal(err)
	}
	sameDump(t, "replayed", path, before)
}

// Old encrypted answers are removed only by a night that can put what they
// gave into the base. Until then it says why they stay, and is well otherwise.
func TestEncryptedAnswersPruned(t *testing.T) {
	slowTest(t)
	closed, open, _ := landingKeys(t)
	p := startPushing(t)
	p.vendor.Put(courier.Order{AccountNo: "GXD", OrderNo: "Y1", SourceOrderNo: "XY1", ExpressStatus: "PICKING"})
	p.cfg.LandingKeep = 36 * time.Hour
	// Three nights a day apart: in the third the first is older than 36 hours.
	for night, c := range []struct {
		keys sealed.Keys
		left int // nights whose answers are there afterwards
	}{{closed, 1}, {closed, 2}, {closed, 3}, {open, 2}} {
		p.cfg.LandingKeys = c.keys
		p.push("Y1", fmt.Sprint("STATE", night), "") // a day's news, in a journal that is not encrypted
		result, err := pipeline.Run(t.Context(), p.cfg, pipeline.Options{Now: p.clock, NoReport: true})
		if err != nil || result.ExitCode != 0 {
			t.Fatalf("night %d: %+v, %v", night, result, err)
		}
		told := strings.Join(result.Notices, "\n")
		if strings.Contains(told, "no answer was removed") != (night == 2) || night == 2 && !strings.Contains(told, "landing.identity is not set") {
			t.Errorf("night %d says %q", night, told)
		}
		segments, err := filepath.Glob(filepath.Join(p.cfg.DataDir, "landing/*/*/*/*/*-notifications.jsonl.zst.age"))
		if err != nil || len(segments) != c.left {
			t.Errorf("night %d leaves %v, %v; want %d", night, segments, err, c.left)
		}
		p.now = p.now.AddDate(0, 0, 1)
	}
	path := filepath.Join(p.cfg.Publish.Dir, "nightaudit.duckdb")
	before := wholeDump(t, path)
	if n := len(before["main.delivery_events"]); n != 4 {
		t.Errorf("%d events, want one of each night", n)
	}
	result, err := pipeline.Replay(t.Context(), p.cfg, pipeline.Options{Now: p.clock})
	if err != nil || result.Runs != 2 {
		t.Fatalf("%+v, %v; want the two runs replayed that are not in the base", result, err)
	}
	sameDump(t, "replayed", path, before)
}

// interrupting ends a run once it has taken so many answers.
type interrupting struct {
	pipeline.Unheard
	left atomic.Int64
	stop context.CancelFunc
}

func (i *interrupting) Page(string, string, string, int, int64) {
	if i.left.Add(-1) == 0 {
		i.stop()
	}
}

// A run that was cut short is taken up from its encrypted answers, or, without
// the identity, asks the vendor again; either way a replay gives its tables.
func TestEncryptedRunTakenUp(t *testing.T) {
	slowTest(t)
	closed, open, _ := landingKeys(t)
	calls := map[bool]int{} // of the run that went on, by whether it had the identity
	for _, keys := range []sealed.Keys{open, closed} {
		g := startGroup(t, demo.Options{Small: true})
		g.cfg.LandingKeys = keys
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		observer := &interrupting{stop: stop}
		observer.left.Store(10)
		o := pipeline.Options{Sources: []string{"tuya"}, Now: g.clock, NoReport: true, Observer: observer}
		if _, err := pipeline.Run(ctx, g.cfg, o); !errors.Is(err, context.Canceled) {
			t.Fatalf("the run was not interrupted: %v", err)
		}
		asked := g.running.Vendors.Requests()["tuya"]
		o.Observer = nil
		result := g.run(o)
		g.wantExit(result, 0)
		calls[keys.Opens()] = g.running.Vendors.Requests()["tuya"] - asked
		if again := strings.Contains(strings.Join(result.Notices, "\n"), "the vendors are asked for them again"); again == keys.Opens() || len(result.Notices) != 1 {
			t.Errorf("notices %q", result.Notices)
		}
		before := wholeDump(t, result.Database)
		g.cfg.LandingKeys = open
		if _, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock}); err != nil {
			t.Fatal(err)
		}
		sameDump(t, "replayed", result.Database, before)
	}
	if calls[true] >= calls[false] {
		t.Errorf("%d calls with the identity, %d without: the landed answers were not used", calls[true], calls[false])
	}
}

// Notifications are encrypted before they reach the disk. The listener needs
// no identity; a night without it says that it cannot load them, and the next
// one with it does.
func TestEncryptedNotifications(t *testing.T) {
	slowTest(t)
	_, _, secret := landingKeys(t)
	id, err := age.ParseX25519Identity(secret)
	if err != nil {
		t.Fatal(err)
	}
	recipient := fmt.Sprintf("recipient: %s", id.Recipient())
	p := startPushingInto(t, "{"+recipient+"}")
	p.vendor.Put(courier.Order{AccountNo: "GXD", OrderNo: "Y1", SourceOrderNo: "XY1", ExpressStatus: "PICKING"})
	p.push("Y1", "PICKING", "")
	dir := filepath.Join(p.cfg.DataDir, "landing")
	if count, holds := landed(t, dir, "XY1"); count[".age"] != 1 || len(holds) > 0 {
		t.Errorf("the journal holds %v, in the clear in %v", count, holds)
	}
	result, err := pipeline.Run(t.Context(), p.cfg, pipeline.Options{Now: p.clock, NoReport: true})
	if !errors.Is(err, pipeline.ErrNothingCame) {
		t.Fatal(err)
	}
	if a := result.Accounts[0]; result.ExitCode != 1 || a.State != ledger.Failed || !strings.Contains(fmt.Sprint(a.Err), "landing.identity is not set") {
		t.Errorf("exit code %d, %s: %v", result.ExitCode, a.State, a.Err)
	}

	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(recipient), []byte(recipient+", identity: "+secret), 1)
	if err := os.WriteFile(p.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p.load()
	p.now = p.now.Add(time.Minute)
	db := open(t, p.night(t, 0))
	equal(t, "events", lines(t, db, "SELECT order_id, source_status FROM delivery_events"), []string{"Y1 | PICKING"})
	if _, holds := landed(t, filepath.Join(dir, "2025"), "expressStatus"); len(holds) > 0 {
		t.Errorf("the night landed in the clear: %v", holds)
	}
}
