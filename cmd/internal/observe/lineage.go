package observe

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Lineage tells what a run reads and writes in events of OpenLineage: of the run, and
// within it of a job for each account (extract), of one that checks and publishes what
// was loaded (load), and of one that writes workbooks (report). Each has an event as it
// begins and one as it ends. A nil Lineage tells nobody.
type Lineage struct {
	pipeline.Unheard
	cfg      *config.Config
	producer string
	to       *receivers

	mu       sync.Mutex
	run      ledger.Run
	open     []string // jobs that have begun and not ended
	accounts map[ledger.AccountID]*extracted
}

// The jobs of a run, besides one for each account.
const (
	jobRun    = "run"
	jobLoad   = "load"
	jobReport = "report"

	jobsOfAll = 3 // these
)

func jobExtract(of ledger.AccountID) string { return "extract." + of.Source + "." + of.Account }

// extracted is what came of an account.
type extracted struct {
	streams map[string]meter.Amount // answers and rows
	landed  meter.Amount            // answers and bytes
	loaded  bool
}

// StartLineage tells nobody yet; it is nil where the configuration names nobody. limits
// are those of one event.
func StartLineage(ctx context.Context, cfg *config.Config, version string, log *slog.Logger, limits notify.Limits) *Lineage {
	if cfg.Lineage.File == "" && cfg.Lineage.URL == nil {
		return nil
	}
	return &Lineage{
		cfg: cfg, producer: "https://github.com/nightaudit/nightaudit/tree/" + url.PathEscape(version),
		to: startReceivers(ctx, &cfg.Lineage, 2*(len(cfg.Accounts)+jobsOfAll), log, limits), accounts: map[ledger.AccountID]*extracted{},
	}
}

// Observer hears of the run; nil where nobody is to be told of it.
func (l *Lineage) Observer() pipeline.Observer {
	if l == nil {
		return nil
	}
	return l
}

// Begun tells that the run begins.
func (l *Lineage) Begun(run ledger.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run = run
	l.begin(jobRun)
}

// AccountStarted tells that an account is asked.
func (l *Lineage) AccountStarted(source, account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := ledger.AccountID{Source: source, Account: account}
	l.accounts[id] = &extracted{streams: map[string]meter.Amount{}}
	l.begin(jobExtract(id))
}

// Page counts an answer.
func (l *Lineage) Page(source, account, stream string, rows int, _ int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	streams := l.accounts[ledger.AccountID{Source: source, Account: account}].streams
	streams[stream] = meter.Amount{Calls: streams[stream].Calls + 1, Rows: streams[stream].Rows + int64(rows)}
}

// Measured counts what is landed.
func (l *Lineage) Measured(of ledger.AccountID, s meter.Span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.accounts[of]; e != nil && s.Stage == meter.Land {
		e.landed.Calls += s.Calls
		e.landed.Bytes += s.Bytes
	}
}

// AccountDone tells what came of an account.
func (l *Lineage) AccountDone(r pipeline.AccountResult) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := ledger.AccountID{Source: r.Source, Account: r.Account}
	e, came := l.event(completed, jobExtract(id)), l.accounts[id]
	e.Inputs, e.Outputs = l.asked(id), []dataset{l.landing(id)}
	e.Outputs[0].OutputFacets = l.written(facet{"rowCount": came.landed.Calls, "size": came.landed.Bytes})
	if came.loaded = r.Err == nil; !came.loaded {
		l.fails(e, r.Err.Error())
	}
	l.end(e)
}

// Stage tells that what was loaded is checked, or that workbooks are written.
func (l *Lineage) Stage(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch name {
	case "checks":
		l.begin(jobLoad)
	case "report":
		l.begin(jobReport)
	}
}

// begin tells that a job begins.
func (l *Lineage) begin(job string) {
	l.open = append(l.open, job)
	l.to.send(l.event(began, job))
}

// end tells that a job has ended.
func (l *Lineage) end(e *event) {
	l.open = slices.DeleteFunc(l.open, func(job string) bool { return job == e.Job.Name })
	l.to.send(e)
}

// End tells how the run ended, and what is still open with it: the innermost jobs
// first. It waits for those who take it, within ctx.
func (l *Lineage) End(ctx context.Context, n *Night) {
	if l == nil {
		return
	}
	r := n.Result
	published := r != nil && r.Database != ""
	l.mu.Lock()
	for _, job := range slices.Backward(slices.Clone(l.open)) {
		e := l.event(completed, job)
		switch {
		case published && job == jobLoad:
			e.Inputs, e.Outputs = l.loaded(), l.tables(r.Database, r.Copied.Rows)
		case published && job == jobReport:
			e.Inputs, e.Outputs = l.tables(r.Database, nil), l.books(r)
		}
		switch {
		case n.Stopped:
			e.EventType = aborted
		case !published || job == jobRun && n.ExitCode == exit.Failed:
			l.fails(e, n.Failure)
		}
		l.end(e)
	}
	l.mu.Unlock()
	l.to.finish(ctx)
}

// asked are what the vendor holds of an account, a dataset for each stream, with what
// came of it.
func (l *Lineage) asked(id ledger.AccountID) []dataset {
	sets := []dataset{}
	host := ""
	if account := l.cfg.Find(id.Source, id.Account); account != nil {
		if u, err := url.Parse(account.Source.Settings().BaseURL); err == nil {
			host = u.Scheme + "://" + u.Host
		}
	}
	streams := l.accounts[id].streams
	for _, name := range slices.Sorted(maps.Keys(streams)) {
		sets = append(sets, dataset{
			Namespace: host, Name: id.Account + "/" + name,
			InputFacets: l.read(facet{"rowCount": streams[name].Rows, "fileCount": streams[name].Calls}),
		})
	}
	return sets
}

// landing is what is landed of an account. It lies in many files, and is no path.
func (l *Lineage) landing(id ledger.AccountID) dataset {
	return dataset{Namespace: l.cfg.Lineage.Namespace, Name: "landing/" + id.Source + "/" + id.Account}
}

// loaded are the landings of which something was loaded.
func (l *Lineage) loaded() []dataset {
	sets := []dataset{}
	byName := func(a, b ledger.AccountID) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Account, b.Account))
	}
	for _, id := range slices.SortedFunc(maps.Keys(l.accounts), byName) {
		if l.accounts[id].loaded {
			sets = append(sets, l.landing(id))
		}
	}
	return sets
}

// tables are those that people open, with their columns, and, where rows are given,
// how many of these there are.
func (l *Lineage) tables(database string, rows map[string]int64) []dataset {
	sets := []dataset{}
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		return sets // a test reads it
	}
	for i := range dictionary.Tables {
		t := &dictionary.Tables[i]
		name := t.Schema + "." + t.Name
		if t.View {
			continue
		}
		set := dataset{Namespace: "duckdb://" + database, Name: name}
		if rows != nil {
			set.Facets = facets{"schema": l.schema(t)}
			set.OutputFacets = l.written(facet{"rowCount": rows[name]})
		}
		sets = append(sets, set)
	}
	return sets
}

func (l *Lineage) schema(t *sqlfiles.Table) facet {
	fields := make([]facet, 0, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		fields = append(fields, facet{"name": c.Name, "type": c.Type, "description": c.Meaning()})
	}
	return l.facet("SchemaDatasetFacet", "1-2-0", facet{"fields": fields})
}

// books are the workbooks that the run wrote, and the page.
func (l *Lineage) books(r *pipeline.Result) []dataset {
	sets := []dataset{}
	for _, file := range append([]string{r.Workbook, r.Page}, r.Earlier...) {
		if info, err := os.Stat(file); err == nil { // "" is none
			sets = append(sets, dataset{Namespace: "file", Name: file, OutputFacets: l.written(facet{"fileCount": 1, "size": info.Size()})})
		}
	}
	return sets
}
