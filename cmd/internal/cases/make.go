package cases

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Asked says of what a case is to be made.
type Asked struct {
	// Orders are those whose answers are taken, of the runs named; nil takes whole
	// answers, all that the accounts brought in these runs.
	Orders []load.OrderKey
	Runs   []string
	// Accounts are those whose answers are looked at.
	Accounts []ledger.AccountID
	// Earlier are names that accounts had in earlier runs and that the configuration
	// need not have any more, with those that they have now.
	Earlier map[ledger.AccountID]string
	// HideIDs makes up ids and numbers of orders as well; else they stay wherever they
	// stand by themselves.
	HideIDs bool
}

// Made is a case in the making: the folder has its landing and its configuration.
type Made struct {
	Dir     string
	Answers int
	LastRun landing.RunRecord
	Notes   []string // what the case lacks

	known *known
	asked Asked
	runs  []landing.RunRecord
}

// Paths within a case.
const (
	landingPath  = "data/landing"
	settingsPath = "nightaudit.yaml"
	expectedPath = "expected"
	ledgerPath   = "ledger"
	aboutPath    = "case.json"
	readmePath   = "README.txt"
)

// ErrNoAnswers is that nothing of what was asked for is landed.
var ErrNoAnswers = errors.New("none of the answers is in the landing")

// maker takes answers of one landing into another.
type maker struct {
	cfg   *config.Config
	from  *landing.Store
	to    *landing.Store
	asked Asked
	runs  []landing.RunRecord
	of    map[ledger.AccountID]*reader
	want  map[load.OrderKey]bool
	names map[string]bool // ids of all orders that are wanted
	shown map[string]bool
	told  bool // an answer tells of a wanted order
	made  *Made
}

// Make makes the landing and the configuration of a case in dir, which is empty. The
// landing of cfg is only read.
func Make(ctx context.Context, cfg *config.Config, from *landing.Store, dir string, asked Asked) (*Made, error) {
	to, err := landing.Open(filepath.Join(dir, filepath.FromSlash(landingPath)), sealed.Keys{})
	if err != nil {
		return nil, err
	}
	m := &maker{
		cfg: cfg, from: from, to: to, asked: asked, of: map[ledger.AccountID]*reader{}, want: map[load.OrderKey]bool{}, names: map[string]bool{}, shown: map[string]bool{},
		made: &Made{Dir: dir, asked: asked},
	}
	for _, o := range asked.Orders {
		m.want[o], m.names[o.OrderID] = true, true
	}
	if err := m.chooseRuns(); err != nil {
		return nil, err
	}
	if err := m.learn(ctx); err != nil {
		return nil, err
	}
	for _, run := range m.runs {
		if err := m.take(ctx, run); err != nil {
			return nil, fmt.Errorf("take the answers of run %s: %w", run.ID, err)
		}
	}
	if m.made.Answers == 0 || m.asked.Orders != nil && !m.told {
		return nil, ErrNoAnswers
	}
	return m.made, m.settings()
}

// chooseRuns finds the runs, and the last one that came to its end: by it a replay
// publishes, and it checked what stands now.
func (m *maker) chooseRuns() error {
	all, err := m.from.Runs()
	if err != nil {
		return err
	}
	var last string
	for _, run := range all {
		if run.Outcome != "" && run.ExitCode != exit.Failed {
			last = run.ID
		}
	}
	for _, run := range all {
		asked := slices.Contains(m.asked.Runs, run.ID)
		switch {
		case asked && run.Pruned:
			m.made.Notes = append(m.made.Notes, fmt.Sprintf("the answers of run %s were removed for their age (landing.keep)", run.ID))
		case asked || run.ID == last && m.asked.Orders != nil:
			m.runs = append(m.runs, run)
		}
	}
	if len(m.runs) == 0 {
		return ErrNoAnswers
	}
	m.made.LastRun, m.made.runs = m.runs[len(m.runs)-1], m.runs
	return nil
}

// account is the reader of an account's answers, nil where the account is not asked for.
func (m *maker) account(id ledger.AccountID) *reader {
	if r, ok := m.of[id]; ok {
		return r
	}
	var r *reader
	a := m.cfg.FindLanded(id.Source, id.Account)
	if now, ok := m.asked.Earlier[id]; ok && a == nil { // else the name is another account's by now
		a = m.cfg.FindLanded(id.Source, now)
	}
	if a != nil && slices.Contains(m.asked.Accounts, a.ID()) {
		r = &reader{account: a, known: m.made.known, shown: m.shown, members: personal.Of([]extract.Driver{*a.Driver}, id.Source), read: map[string]bool{}, begun: map[string]bool{}}
	}
	m.of[id] = r
	return r
}

// window is a window of an account in a run, as it was read.
type window struct {
	run   landing.RunRecord
	id    ledger.AccountID
	entry landing.WindowEntry
}

// pages gives the answers of a window that are wanted, each with what is wanted of it. Of
// a list that was read several times each reading has an answer, for the last one counts.
func (m *maker) pages(ctx context.Context, w window, r *reader, each func(p *extract.Page, body []byte) error, count func(p *extract.Page, records []found)) error {
	pass := 0
	return m.from.Pages(w.entry, func(p *extract.Page, _ landing.Landed) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.Raw != nil {
			m.note("an answer of %s came as no valid JSON, or not in UTF-8: the case has it as it was read, and not what had to be mended", w.id)
		}
		if remembers, ok := r.account.Source.(extract.Remembers); ok {
			if err := remembers.Remember(p); err != nil {
				return err
			}
		}
		d, err := r.decode(p, p.Body, false)
		if err != nil {
			m.note("an answer of %s in run %s cannot be decoded and is left out: %v", w.id, w.run.ID, err)
			return nil
		}
		count(p, d.records)
		if m.asked.Orders == nil {
			return each(p, p.Body)
		}
		keep := func(f found) bool { return m.want[load.OrderKey{AccountID: r.account.ID(), OrderID: f.order}] }
		begins := p.Pass > pass
		pass = max(pass, p.Pass)
		tells := slices.ContainsFunc(d.records, keep) || m.names[p.Subject.OrderID] || m.names[p.Subject.Number]
		if !begins && !tells {
			return nil
		}
		m.told = m.told || tells
		body, err := r.cut(p, d.records, keep)
		if err != nil {
			return err
		}
		return each(p, body)
	})
}

// cut leaves the wanted records. A line whose place counts leaves an empty one where the
// decoder takes that for nothing.
func (r *reader) cut(p *extract.Page, records []found, keep func(found) bool) ([]byte, error) {
	kept := 0
	for _, f := range records {
		if keep(f) {
			kept++
		}
	}
	body, err := cut(p.Body, records, keep, true)
	if err != nil {
		return nil, err
	}
	if d, err := r.decode(p, body, false); err == nil && len(d.records) == kept {
		return body, nil
	}
	return cut(p.Body, records, keep, false)
}

func (m *maker) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.made.Notes, text) {
		m.made.Notes = append(m.made.Notes, text)
	}
}

// windows gives the windows that an account loaded in a run, in their order.
func (m *maker) windows(run landing.RunRecord, each func(id ledger.AccountID, r *reader, l *landing.WindowLedger) error) error {
	ledgers, err := m.from.WindowLedgers(run)
	if err != nil {
		return err
	}
	var ids []ledger.AccountID
	for id := range ledgers {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ledger.AccountID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		if r := m.account(id); r != nil {
			if err := each(id, r, ledgers[id]); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		}
	}
	return nil
}

// learn finds out who is named in the answers that are wanted.
func (m *maker) learn(ctx context.Context) error {
	values, numbers, written := map[string]bool{}, map[string]bool{}, map[rune]bool{}
	for id := range m.names {
		numbers[id] = true
	}
	for _, run := range m.runs {
		err := m.windows(run, func(id ledger.AccountID, r *reader, l *landing.WindowLedger) error {
			for _, e := range l.LoadedWindows() {
				err := m.pages(ctx, window{run, id, e}, r, func(p *extract.Page, body []byte) error {
					d, err := r.decode(p, body, false)
					if err != nil {
						return err
					}
					for _, number := range d.numbers {
						numbers[number] = true
					}
					return learn(body, r.members, func(v string) { values[v] = true }, written)
				}, func(*extract.Page, []found) {})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the answers of run %s: %w", run.ID, err)
		}
	}
	m.made.known = newKnown(newLikeness(written))
	for v := range values {
		m.made.known.add(v)
	}
	for number := range numbers {
		if m.asked.HideIDs {
			m.made.known.add(number)
		} else {
			m.shown[number] = personal.Tells(number)
		}
	}
	clear(m.of) // the readers know it now
	return nil
}
