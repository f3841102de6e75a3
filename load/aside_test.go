package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// Night after night the published database is damaged and a log lies beside it: as many
// damaged ones are kept as copies are, and 14 logs, the newest, and all are named; a
// database of somebody else stays whatever comes.
func TestWhatIsKeptAsideIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 2, Timezone: "UTC", Heal: true}
	target := filepath.Join(p.Dir, PublishedName)
	stranger := filepath.Join(p.Dir, previousDir, "nightaudit_of_other_until_20250101T000000.000Z.duckdb")
	if err := errors.Join(os.MkdirAll(filepath.Dir(stranger), 0o700), os.WriteFile(stranger, []byte("other"), 0o600)); err != nil {
		t.Fatal(err)
	}
	log := func(day int) string { return fmt.Sprintf("log of night %3d", day) }
	lay := func(path string, day int) error {
		at := time.Date(2026, 5, day, 20, 0, 0, 0, time.UTC)
		return errors.Join(os.WriteFile(path, []byte(log(day)), 0o600), os.Chtimes(path, at, at))
	}
	for night := range 15 { // before the first
		if err := lay(fmt.Sprintf("%s.foreign-%d-wal", target, night+100), night-20); err != nil {
			t.Fatal(err)
		}
	}
	for day := 1; day <= 5; day++ {
		w := openMade(t, filepath.Join(dir, "warehouse.duckdb"))
		snapshot, err := w.Prepare(t.Context(), nightOn(t, w, day), p)
		if err == nil {
			_, err = snapshot.Publish()
		}
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(os.Remove(target), os.WriteFile(target, []byte("damaged"), 0o600), lay(target+".wal", day))
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := Aside(p.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var names, logs []string
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) == len(log(1)) {
			logs = append(logs, string(data))
			continue
		}
		names = append(names, filepath.Base(file))
	}
	// A night's time is six in the evening; what gave way to night 4 and 5 is the newest.
	want := []string{"nightaudit_unread_until_20260504T180000.000Z.duckdb", "nightaudit_unread_until_20260505T180000.000Z.duckdb", filepath.Base(stranger)}
	if !slices.Equal(names, want) {
		t.Errorf("kept are %q, want %q", names, want)
	}
	// Four of the nights of May, whose last one's was not looked at yet; ten before them.
	wantLogs := []string{log(1), log(2), log(3), log(4)}
	for night := 5; night < 15; night++ {
		wantLogs = append(wantLogs, log(night-20))
	}
	slices.Sort(logs)
	if slices.Sort(wantLogs); !slices.Equal(logs, wantLogs) {
		t.Errorf("kept are %q, want %q", logs, wantLogs)
	}
	attacks.In(t).All(5 + 4)
}
