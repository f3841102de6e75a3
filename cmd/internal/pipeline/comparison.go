package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
)

// A replay makes a database from the landing alone, and puts it in the place of
// one that people have seen. What the landing lacks would be missing from then
// on, and nobody would know: so what is rebuilt is compared with the databases
// that it replaces, and with what the landing tells of itself.

// What people are told of the databases that are compared.
const (
	workingDatabase   = "the working database"
	publishedDatabase = "the published database"
	baseDatabase      = "the base of the landing"
)

// LossError is what a landing lacks. Nothing was changed.
type LossError struct{ Lost []load.Loss }

// maxLines is how many losses are named; the others are counted.
const maxLines = 20

func (e *LossError) Error() string {
	return "the landing is not whole: " + strings.Join(LossLines(e.Lost), "\n")
}

// LossLines names losses, a line each, the first of many and how many more.
func LossLines(lost []load.Loss) []string {
	var lines []string
	for i := range lost[:min(len(lost), maxLines)] {
		lines = append(lines, lost[i].String())
	}
	if more := len(lost) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// comparison is what a replay is compared with.
type comparison struct {
	held     []*load.Holding
	entries  []entry
	accepted []load.Loss // that an earlier replay could not make again either
	told     []load.Loss // what is wrong with the landing, by what it tells of itself
	notices  []string
	sealed   *landing.RunRecord                  // of a run that was cut short while it was published: how it ended
	record   func(run string) *landing.RunRecord // as its seal has it; nil where it has none
	holdsAll bool                                // what is rebuilt has all that the working database had, as far as could be seen
}

// beginComparison reads what is about to be replaced: the working database or,
// where a crash left none, the one that an earlier replay kept; what people see;
// and the base, with which a replay since a day does not begin. One that is
// damaged tells nothing, and that is said.
func (r *runner) beginComparison(ctx context.Context) (c *comparison, err error) {
	c = &comparison{holdsAll: true}
	if c.entries, c.accepted, err = r.journal(noteDamage(&c.told)); err != nil {
		return nil, err
	}
	working, kept := r.warehousePath(), r.keptDatabases()
	if len(kept) > 0 && !isFile(working) {
		working = kept[0]
	}
	for _, of := range []struct{ file, name string }{
		{working, workingDatabase}, {r.publishedPath(), publishedDatabase}, {r.landing.Base(), baseDatabase},
	} {
		if !isFile(of.file) {
			continue
		}
		h, err := r.holdingOf(ctx, of.file, of.name, of.name == workingDatabase)
		if err == nil && of.name == workingDatabase && len(kept) > 0 && len(h.Runs()) == 0 { // a command that was refused since has made an empty one
			h, err = r.holdingOf(ctx, kept[0], of.name, true)
		}
		switch {
		case err == nil:
			c.held = append(c.held, h.Moved(correctedTimes(c.entries)))
		case load.MayBeRead(ctx, err):
			return nil, fmt.Errorf("compare with %s: %w", of.file, err)
		default:
			c.holdsAll = c.holdsAll && of.name != workingDatabase
			c.notices = append(c.notices, fmt.Sprintf("%s could not be read, so nobody can say whether the landing has all that it held: %v", of.file, err))
		}
	}
	return c, r.listenTo(ctx, c)
}

// listenTo lists what the landing's seals say that it lacks. A run that was cut
// short while it was published has all that it had.
func (r *runner) listenTo(ctx context.Context, c *comparison) error {
	r.observer.Stage("verify the landing")
	v, err := r.landing.Verify(ctx, landing.VerifyOptions{})
	if err != nil {
		return err
	}
	c.record = v.Record
	for _, f := range v.Findings {
		if f.Kind == landing.Unfinished {
			c.sealed = v.Record(f.Run)
			continue
		}
		l := load.Loss{Run: f.Run, What: strings.TrimPrefix(f.File+": "+f.Text, ": ")}
		if slices.Contains([]landing.Kind{landing.Unsealed, landing.Gap, landing.Unlinked}, f.Kind) {
			l.About = string(f.Kind) + " " + f.File
		}
		c.told = append(c.told, c.lossOf(l))
	}
	for _, about := range c.heads() {
		if v.Seal(strings.TrimPrefix(about, aboutHead)) == nil {
			what := fmt.Sprintf("the chain of seals has no seal %.12s…, with which the database was published", strings.TrimPrefix(about, aboutHead))
			c.told = append(c.told, c.lossOf(load.Loss{About: about, What: what}))
		}
	}
	return nil
}

// aboutHead is how a loss of the last seal begins that a database knows.
const aboutHead = "head "

// heads are the last seals that databases know, or knew before a loss of one was
// accepted: those that were made since know another.
func (c *comparison) heads() (heads []string) {
	for _, h := range c.held {
		if head := h.Head(); head != "" {
			heads = append(heads, aboutHead+head)
		}
	}
	for _, l := range c.accepted {
		if strings.HasPrefix(l.About, aboutHead) {
			heads = append(heads, l.About)
		}
	}
	return heads
}

// lossOf adds to what the landing tells of itself which dates it concerns. Where a
// database knows the run, what it lacks of the run is compared besides: then the
// evidence alone is lost, which is of the run's own date. Else nobody can tell.
func (c *comparison) lossOf(l load.Loss) load.Loss {
	day, err := time.Parse("20060102", l.Run[:min(len(l.Run), 8)])
	if err == nil {
		l.To = day.Format(time.DateOnly)
	}
	for _, h := range c.held {
		if _, known := h.Runs()[l.Run]; known || l.Run == "" {
			l.From = l.To
		}
	}
	return l
}

// noteDamage lets a damaged line of the journal pass, and notes that it is lost.
func noteDamage(lost *[]load.Loss) func(error) error {
	return func(err error) error {
		*lost = append(*lost, load.Loss{What: "the journal of what people added: " + err.Error()})
		return nil
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func (r *runner) holdingOf(ctx context.Context, file, name string, withLog bool) (*load.Holding, error) {
	h, err := load.HoldingOf(ctx, file, name, withLog, load.Options{
		Path: filepath.Join(r.staging, "compared.duckdb"), TempDir: filepath.Join(r.staging, "spill"), MemoryLimit: r.cfg.MemoryLimit,
	})
	if err != nil {
		return nil, err
	}
	return h.Named(r.namesIn(h)), nil
}

// namesIn are the names that accounts have in a database, for the run that gave them
// others is not in it, with those that they have now; and the accounts that were
// split from others since, with these, both by their names of now.
func (r *runner) namesIn(h *load.Holding) (names, parts []load.Alias) {
	runs := h.Runs()
	then := func(source, before, after string) {
		known := false // what the database calls so: another account may bear the name since
		for i := range names {
			if names[i].Source == source && names[i].Name == before {
				names[i].Name = after
			}
			known = known || names[i].Source == source && names[i].Earlier == before
		}
		for i := range parts {
			for _, name := range []*string{&parts[i].Earlier, &parts[i].Name} {
				if parts[i].Source == source && *name == before {
					*name = after
				}
			}
		}
		if !known {
			names = append(names, load.Alias{Source: source, Earlier: before, Name: after})
		}
	}
	for i := range r.changes {
		c := &r.changes[i]
		if _, carriedOut := runs[c.Run.ID]; carriedOut {
			continue
		}
		switch c.Setting {
		case load.SettingAccount:
			then(c.Source, c.Before, c.After)
		case load.SettingSplit:
			parts = append(parts, load.Alias{Source: c.Source, Earlier: c.After, Name: c.Before})
		}
	}
	for _, a := range aliases(r.cfg) {
		then(a.Source, a.Earlier, a.Name)
	}
	return names, slices.DeleteFunc(parts, func(p load.Alias) bool { return p.Earlier == p.Name }) // one again
}

// holding lists what a database holds that is this program's own, and closed.
func (r *runner) holding(ctx context.Context, file, name string) (h *load.Holding, err error) {
	w, err := r.openWarehouse(ctx, load.Options{Path: file})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if h, err = w.Holding(ctx, name); err != nil {
		return nil, err
	}
	return h.Named(r.namesIn(h)), nil
}

// lostIn is what a database that was rebuilt lacks of the runs that it was rebuilt
// from.
func (r *runner) lostIn(ctx context.Context, from rebuildFrom, of *load.Holding, accepted []load.Loss) ([]load.Loss, error) {
	fresh, err := r.holding(ctx, from.fresh, "")
	if err != nil {
		return nil, err
	}
	runs := map[string]bool{}
	for _, run := range from.runs {
		runs[run.ID] = true
	}
	return fresh.LostIn(of, runs, nil, accepted), nil
}

// settleLosses compares the database in the file fresh with what is about to be
// replaced. What is newly lost is refused, or, where that is accepted, recorded:
// in the landing first, then in the database. It gives all that the database
// lacks.
func (r *runner) settleLosses(ctx context.Context, c *comparison, fresh string, told []load.Loss) (_ []load.Loss, err error) {
	w, err := r.openWarehouse(ctx, load.Options{Path: fresh})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	lost, found, err := r.lossesOf(ctx, c, w, told)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 && !r.o.AcceptLoss {
		return nil, &LossError{Lost: found}
	}
	at := r.o.Now().UTC().Truncate(time.Microsecond)
	id := runID(at)
	for i := range found {
		l := &found[i]
		l.EntryID, l.At, l.By = fmt.Sprintf("loss-%s-%d", id, i+1), at, r.o.By
		if l.To == "" { // whatever it concerns, it is none of the dates to come
			l.To = at.In(r.cfg.Zone).Format(time.DateOnly)
			if len(c.held) > 0 && len(l.Rows) == 0 {
				l.From = l.To
			}
		}
		if err := r.record(ctx, entry{Loss: l}); err != nil {
			return nil, err
		}
	}
	lost = append(lost, found...)
	return lost, w.PutLosses(ctx, lost)
}

// lossesOf lists what a database that was rebuilt lacks: what somebody accepted and is
// still lost, and what was found now. told is what the landing tells of itself besides.
func (r *runner) lossesOf(ctx context.Context, c *comparison, w *load.Warehouse, told []load.Loss) (known, found []load.Loss, err error) {
	has, err := w.Holding(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	told = append(told, c.told...)
	for _, l := range c.accepted {
		if has.StillLost(l, told) && !slices.ContainsFunc(known, l.SameAs) {
			known = append(known, l)
		}
	}
	return known, c.found(has, told, known, r.o.Version), nil
}

// found lists what is lost and not known to be.
func (c *comparison) found(has *load.Holding, told, known []load.Loss, version string) (found []load.Loss) {
	add := func(l load.Loss) {
		if !slices.ContainsFunc(known, l.SameAs) && !slices.ContainsFunc(found, l.SameAs) {
			found = append(found, l)
		}
	}
	for _, l := range told {
		add(l)
	}
	for _, h := range c.held {
		lost, other := has.Lost(h, known, version)
		for _, l := range lost {
			add(l)
		}
		if h.Name == workingDatabase && len(lost) > 0 {
			c.holdsAll = false
		}
		if other > 0 {
			c.notices = append(c.notices, fmt.Sprintf("%d totals are other than in %s, which an earlier version of the program made", other, h.Name))
		}
	}
	return found
}

// publishedLedger is what people see; nil where nothing is published. Of what an earlier
// program published a copy is brought up to date.
func (r *runner) publishedLedger(ctx context.Context) (l *load.Ledger, err error) {
	if l, err = load.PublishedLedger(ctx, r.cfg.Publish.Dir); !errors.Is(err, load.ErrOlderSchema) {
		return l, err
	}
	copied := filepath.Join(r.staging, "published.duckdb")
	if err := load.CopyClosed(r.publishedPath(), copied, false); err != nil {
		return nil, err
	}
	w, err := r.openWarehouse(ctx, load.Options{Path: copied})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return w.Ledger(ctx)
}

// holdsPublished refuses a working database that lacks what people see: it was
// lost, or an older copy stands in its place, and the landing, of which
// holdsLanded goes by, lacks the same. What an accepted loss names may be missing,
// for its replay may not have come to publish.
func (r *runner) holdsPublished(ctx context.Context) error {
	published, err := r.publishedLedger(ctx)
	if err != nil {
		r.log.Warn("the published database cannot be compared with the working one", "error", err)
	}
	if err != nil || published == nil {
		return nil
	}
	have, err := r.warehouse.Ledger(ctx)
	if err != nil {
		return err
	}
	if published.ID != have.ID && len(have.Runs) > 0 {
		return nil // another database: publishing judges that
	}
	missing, err := r.notAccepted(ctx, published.LacksOf(have))
	if err != nil || len(missing) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s lacks %d runs and entries of people that %s shows (%s); put the right file back, or see what nightaudit replay says",
		ErrBehind, r.warehousePath(), len(missing), r.publishedPath(), strings.Join(missing[:min(len(missing), 3)], ", "))
}

// notAccepted leaves out what stands in the journal, and is entered at once, and
// what somebody accepted as lost.
func (r *runner) notAccepted(ctx context.Context, missing []string) ([]string, error) {
	if len(missing) == 0 {
		return nil, nil
	}
	entries, _, err := r.journal(func(error) error { return nil })
	if err != nil {
		return nil, err
	}
	losses, err := r.warehouse.Losses(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(missing, func(id string) bool {
		return slices.ContainsFunc(entries, func(e entry) bool { return e.id() == id }) ||
			slices.ContainsFunc(losses, func(l load.Loss) bool { return l.Run == id || l.Entry == id })
	}), nil
}
