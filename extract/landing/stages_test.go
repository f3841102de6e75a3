package landing

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// What stages took comes back as it was kept: of each attempt of the run, of an
// earlier run once, without a line that a crash cut short and one that is none; of a
// run of an earlier program nothing.
func TestStagesComeBack(t *testing.T) {
	s, dir := openStore(t)
	run := RunRecord{Run: ledger.Run{ID: "r2", At: runAt}}
	fetch := meter.Reading{Run: "r2", Source: "soms", Account: "retail", Stage: meter.Fetch, Microseconds: 12, Amount: meter.Amount{Calls: 3, Bytes: 40}}
	checks := meter.Reading{Run: "r2", Stage: meter.Checks, Microseconds: 7}
	left := meter.Reading{Run: "r1", Stage: meter.Publish, Microseconds: 9, Amount: meter.Amount{Calls: 1, Bytes: 1}}
	want := func(what string, got []meter.Reading, err error, want ...meter.Reading) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
		}
	}
	got, err := s.Stages(run)
	want("none", got, err)
	got, err = s.AppendStages(run, []meter.Reading{fetch, checks, left})
	want("the first attempt", got, err, fetch, checks, left)

	file := filepath.Join(dir, "2026/03/01/r2/stages.jsonl")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("no reading\n{\"run_id\":\"r2\"}\n" + `{"run_id":"r2","stage":"mer`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err = s.AppendStages(run, []meter.Reading{checks, left})
	want("the second", got, err, fetch, checks, left, checks)
	got, err = s.Stages(run)
	want("read again", got, err, fetch, checks, left, checks)
}
