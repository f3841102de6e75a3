package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// What people open, the folder of workbooks and the data folder are one
// database's and one configuration's. Two that share one would replace each
// other's night by night, each with exit code 0.

// TakenError is a place that another database or another configuration uses.
// Nothing has changed. With Options.Adopt it is taken over.
type TakenError struct {
	Why error
	// Unread is set where nobody can tell whose the place is.
	Unread bool
}

func (e *TakenError) Error() string { return e.Why.Error() }
func (e *TakenError) Unwrap() error { return e.Why }

// hasWarehouse says whether there is a working database.
func (r *runner) hasWarehouse() bool {
	_, err := os.Stat(r.warehousePath())
	return !errors.Is(err, fs.ErrNotExist)
}

// landedDatabase is the database of the last landed run, "" where none is
// landed.
func (r *runner) landedDatabase() string {
	runs, err := r.landing.Runs()
	if err != nil || len(runs) == 0 { // an error is told by who needs them
		return ""
	}
	return runs[len(runs)-1].Database
}

// taken notes a place that is somebody else's, or refuses it.
func (r *runner) taken(why error, unread bool, a load.Adoption) error {
	if !r.o.Adopt {
		return &TakenError{why, unread}
	}
	r.adoptions = append(r.adoptions, a)
	return nil
}

// adopts says whether a place is taken over by this command.
func (r *runner) adopts(what string) bool {
	return slices.ContainsFunc(r.adoptions, func(a load.Adoption) bool { return a.What == what })
}

// dataFree refuses a data folder that another configuration used last. One that
// is gone, or is the same file under another name, was moved.
func (r *runner) dataFree() error {
	runs, err := r.landing.Runs()
	if err != nil || len(runs) == 0 {
		return err
	}
	last := runs[len(runs)-1]
	if last.Configuration == "" || !otherFile(last.Configuration, r.cfg.File) {
		return nil
	}
	why := fmt.Errorf("data_dir %s is in use by the configuration %s, whose run %s is the last one there; this is %s", r.cfg.DataDir, last.Configuration, last.ID, r.cfg.File)
	return r.taken(why, false, load.Adoption{What: load.AdoptData, Place: r.cfg.DataDir, Database: last.Database, Run: last.ID, Configuration: last.Configuration})
}

// otherFile says whether both are there and are two files of different content.
func otherFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA != nil || errB != nil || os.SameFile(infoA, infoB) {
		return false
	}
	textA, errA := os.ReadFile(a)
	textB, errB := os.ReadFile(b)
	return errA == nil && errB == nil && !bytes.Equal(textA, textB)
}

// placesFree refuses a command that publishes where another database lies.
func (r *runner) placesFree(ctx context.Context, database string) error {
	place, err := load.PlaceIn(ctx, r.cfg.Publish.Dir)
	if errors.Is(err, load.ErrNoFile) {
		return &TakenError{err, true}
	}
	if err != nil {
		return err
	}
	r.place = place
	if own, err := r.publishedHere(place, database); err != nil {
		return err
	} else if own {
		r.unread = place
		r.log.Error("the published database cannot be read; it is published anew, and the damaged file kept", "database", place.Path, "error", place.Damage())
	} else if !place.Is(database) {
		why := fmt.Errorf("%w, of the configuration %s", &load.TakenError{Place: place, Database: database}, r.cfg.File)
		a := load.Adoption{What: load.AdoptPublished, Place: place.Path, Database: place.Database, Run: place.Run, Configuration: place.Configuration}
		if err := r.taken(why, place.Unread != nil, a); err != nil {
			return err
		}
	}
	if !r.o.books {
		return nil
	}
	owner, err := shelf.Owner(r.cfg.Report.Dir, database)
	if err != nil || owner == "" {
		return err
	}
	why := fmt.Errorf("the workbooks in report.dir %s are of the database %s; this is the database %s, of the configuration %s", r.cfg.Report.Dir, owner, database, r.cfg.File)
	return r.taken(why, false, load.Adoption{What: load.AdoptReports, Place: r.cfg.Report.Dir, Database: owner})
}

// publishedHere says whether the landing proves that a file which cannot be read is
// what this database published: its last run published in that place, and nobody
// has taken it over since.
func (r *runner) publishedHere(place *load.Place, database string) (bool, error) {
	if place == nil || place.Unread == nil || database == "" {
		return false, nil
	}
	runs, err := r.landing.Runs()
	if err != nil || len(runs) == 0 {
		return false, err
	}
	last := runs[len(runs)-1]
	return last.Database == database && last.Publishes == place.Path && !place.GivenUp(last.At), nil
}

// Occupied says, without the data folder's lock, whether another database or
// configuration uses the places of this one: nil or a *TakenError. The notices say
// what of them is this one's own, and damaged.
func Occupied(ctx context.Context, cfg *config.Config) (notices []string, err error) {
	r, err := newRunner(cfg, Options{books: true})
	if err != nil {
		return nil, err
	}
	database := ""
	if _, err := os.Stat(r.landingDir()); err == nil { // else opening it would make it
		if r.landing, err = landing.Open(r.landingDir(), cfg.LandingKeys); err != nil {
			return nil, err
		}
		if err := r.dataFree(); err != nil {
			return nil, err
		}
		database = r.landedDatabase()
	}
	if database == "" && r.hasWarehouse() {
		return nil, nil // whose name only the run can read
	}
	err = r.placesFree(ctx, database)
	return r.placeWords(), err
}

// recordedNow is the present as it is recorded.
func (r *runner) recordedNow() time.Time { return r.o.Now().UTC().Truncate(time.Microsecond) }

// adopt enters what is taken over, into the journal first.
func (r *runner) adopt(ctx context.Context, at time.Time) error {
	for i := range r.adoptions {
		a := &r.adoptions[i]
		a.EntryID, a.At, a.By = fmt.Sprintf("adopt-%s-%s", r.run.ID, a.What), at, r.o.By
		if err := r.record(ctx, entry{Adoption: a}); err != nil {
			return err
		}
		if err := r.warehouse.Adopt(ctx, *a); err != nil {
			return err
		}
	}
	return nil
}

// placeWords say what was taken over, and what was damaged.
func (r *runner) placeWords() (words []string) {
	if p := r.unread; p != nil {
		words = append(words, fmt.Sprintf("%s cannot be read (%s); the last run published there, and nobody has taken the place over since: the database is published anew, and the damaged file kept in previous as nightaudit_unread_until_…; see whether the disk is sound", p.Path, p.Damage()))
	}
	for _, a := range r.adoptions {
		from := "a file that cannot be read: it is in audit.adoptions, and the file is kept in previous"
		switch {
		case a.What == load.AdoptData:
			from = "the configuration " + a.Configuration + ": it is in audit.adoptions"
		case a.Database != "":
			from = "the database " + a.Database + ": it is in audit.adoptions, and what lay there is kept in previous"
		}
		words = append(words, fmt.Sprintf("%s was taken over from %s", a.Place, from))
	}
	if r.o.Adopt && len(words) == 0 {
		words = []string{"--adopt found nothing to take over: leave it out"}
	}
	return words
}
