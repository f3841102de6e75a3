package load

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Two databases want one place: the second is refused before it writes anything
// there, or takes it over and keeps what lay there, however few are kept.
func TestPlaceIsOneDatabases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := PublishOptions{Dir: filepath.Join(dir, "published"), Keep: 1, Timezone: "UTC", Configuration: "/first/nightaudit.yaml"}
	publish := func(w *Warehouse, o PublishOptions, day int) error {
		snapshot, err := w.Prepare(t.Context(), nightOn(t, w, day), o)
		if err != nil {
			return err
		}
		_, err = snapshot.Publish()
		return err
	}
	first := renamed(t, openMade(t, filepath.Join(dir, "first.duckdb")), "first-database")
	if err := publish(first, p, 1); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(p.Dir, PublishedName)
	before := contentOf(t, target)

	second := func() *Warehouse {
		return renamed(t, openMade(t, filepath.Join(dir, "second.duckdb")), "second-database")
	}
	err := publish(second(), p, 2)
	var taken *TakenError
	if !errors.As(err, &taken) || taken.Place.Database != "first-database" || taken.Database != "second-database" {
		t.Fatalf("a second database: %v", err)
	}
	for _, says := range []string{"first-database", "second-database", "run night01", "/first/nightaudit.yaml", target} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %s", err, says)
		}
	}
	left, err := os.ReadDir(p.Dir)
	if err != nil || len(left) != 1 || !bytes.Equal(contentOf(t, target), before) {
		t.Errorf("the refused one left %v, %v", left, err)
	}

	p.Adopt = true
	if err := publish(second(), p, 3); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(p.Dir, previousDir, "nightaudit_of_first-database_until_*.duckdb"))
	if err != nil || len(kept) != 1 || !bytes.Equal(contentOf(t, kept[0]), before) {
		t.Errorf("kept %v, %v", kept, err)
	}
	p.Adopt = false
	if err := publish(second(), p, 4); err != nil {
		t.Errorf("its own place: %v", err)
	}
	if _, err := os.Stat(kept[0]); err != nil {
		t.Errorf("the next night removed what was taken over: %v", err)
	}
	// Somebody publishes between the copy and the rename of one who heals.
	p.Heal = true
	w := second()
	snapshot, err := w.Prepare(t.Context(), nightOn(t, w, 5), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(target), os.WriteFile(target, before, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Publish(); !errors.As(err, &taken) || !bytes.Equal(contentOf(t, target), before) {
		t.Errorf("published over another: %v", err)
	}
	snapshot.Discard()
}

// What cannot be read is nobody's, and is refused as another's is.
func TestPlaceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.duckdb")
	if err := openMade(t, whole).Close(); err != nil {
		t.Fatal(err)
	}
	database := contentOf(t, whole)
	newer := bytes.Clone(database)
	newer[12] = 0xff // the version of DuckDB's storage stands there
	for name, content := range map[string][]byte{
		"empty": {}, "garbage": []byte("this is no database"), "half": database[:len(database)/2], "the head alone": database[:4096],
		"a head of zeros": append(make([]byte, 4096), database[4096:]...), "of a newer DuckDB": newer,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, PublishedName), content, 0o600); err != nil {
			t.Fatal(err)
		}
		place, err := PlaceIn(t.Context(), dir)
		if err != nil || place == nil || place.Unread == nil || place.Is("x") || place.Is("") {
			t.Errorf("%s: %v, %v", name, place, err)
			continue
		}
		if err := (&PublishOptions{Dir: dir}).free(t.Context(), "x"); !errors.As(err, new(*TakenError)) {
			t.Errorf("%s: %v", name, err)
		}
		if err := (&PublishOptions{Dir: dir, Heal: true}).free(t.Context(), "x"); err != nil {
			t.Errorf("%s, known to be one's own: %v", name, err)
		}
		if kept, adopted, err := (&PublishOptions{Dir: dir, database: "x"}).keptAs(t.Context(), time.Unix(0, 0)); err != nil || !adopted || !strings.HasPrefix(kept, "nightaudit_unread_until_") {
			t.Errorf("%s is kept as %s, %v, %v", name, kept, adopted, err)
		}
	}
	dir := t.TempDir()
	if place, err := PlaceIn(t.Context(), dir); place != nil || err != nil || !place.Is("x") {
		t.Errorf("nothing: %v, %v", place, err)
	}
	if err := os.Mkdir(filepath.Join(dir, PublishedName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := PlaceIn(t.Context(), dir); !errors.Is(err, ErrNoFile) {
		t.Errorf("a folder: %v", err)
	}
}

// renamed gives a database another name: those of tests are copies of one.
func renamed(t *testing.T, w *Warehouse, id string) *Warehouse {
	t.Helper()
	if _, err := w.db.ExecContext(t.Context(), "UPDATE audit.meta SET database_id = $1", id); err != nil {
		t.Fatal(err)
	}
	w.id = id
	return w
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A log that somebody laid beside the file does not say whose the place is.
func TestPlaceIsNotALogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := renamed(t, openMade(t, filepath.Join(dir, "w.duckdb")), "true-database")
	if err := scan.Exec(t.Context(), w.db, "database/checkpoint", nil); err != nil {
		t.Fatal(err)
	}
	renamed(t, w, "forged-database") // in the log alone
	place := filepath.Join(t.TempDir(), PublishedName)
	for _, suffix := range []string{"", ".wal"} {
		if err := os.WriteFile(place+suffix, contentOf(t, w.path+suffix), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := PlaceIn(t.Context(), filepath.Dir(place))
	if err != nil || p.Unread != nil || p.Database != "true-database" {
		t.Errorf("%v, %v", p, err)
	}
}
