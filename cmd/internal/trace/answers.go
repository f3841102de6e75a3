package trace

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// answers collects the raw answers that rows of the order name, and those of
// the same runs in which the order is found by its number: a row names one
// answer, and where several streams fill an order, the others' do not show.
func (t *Tracer) answers(s *Story) error {
	s.Answers = []Answer{}
	named := s.named()
	if t.Landing == nil {
		s.Answers = named
		if len(named) > 0 {
			s.Notes = append(s.Notes, "the raw answers are not here: "+t.NoLanding)
		}
		return nil
	}
	reader := &answerReader{tracer: t, story: s}
	for _, a := range named {
		if err := reader.read(a); err != nil {
			return err
		}
	}
	if err := reader.search(); err != nil {
		return err
	}
	slices.SortStableFunc(reader.found, func(a, b answerPage) int { return compareAnswers(a.Answer, b.Answer) })
	mask := t.masker(s, reader.found)
	for _, p := range reader.found {
		if t.Raw && p.element != nil {
			raw, err := mask.show(p.element, p.header)
			if err != nil {
				return fmt.Errorf("show the answer %s: %w", p.Ref, err)
			}
			p.Raw = raw
		}
		s.Answers = append(s.Answers, p.Answer)
	}
	return nil
}

func compareAnswers(a, b Answer) int {
	if c := strings.Compare(path.Dir(a.File), path.Dir(b.File)); c != 0 {
		return c // runs, in their order
	}
	if c := strings.Compare(a.File, b.File); c != 0 {
		return c
	}
	return a.Line - b.Line
}

// named lists the answers that rows name, with the tables of those rows.
func (s *Story) named() []Answer {
	var answers []Answer
	add := func(table, ref, sum string) {
		if ref == "" {
			return
		}
		i := slices.IndexFunc(answers, func(a Answer) bool { return a.Ref == ref })
		if i < 0 {
			a := Answer{Ref: ref, SHA256: sum, State: NotHere, Rows: []string{}}
			line, pointer, _ := strings.Cut(ref, "#")
			file, no, _ := strings.Cut(line, ":")
			a.File, a.At = file, pointer
			a.Line, _ = strconv.Atoi(no) // 0 where the reference is none, which reading it tells
			answers, i = append(answers, a), len(answers)
		}
		if answers[i].SHA256 == "" {
			answers[i].SHA256 = sum
		}
		if !slices.Contains(answers[i].Rows, table) {
			answers[i].Rows = append(answers[i].Rows, table)
		}
	}
	if s.Order != nil {
		add("orders", s.Order.Text("landing_ref"), s.Order.Text("payload_sha256"))
	}
	for _, v := range s.Versions {
		add("order_versions", v.Ref, "")
	}
	for _, l := range s.Lines {
		for i := range l.Rows {
			add(strings.TrimPrefix(l.Table, "main."), l.Rows[i].Text("landing_ref"), l.Rows[i].Text("payload_sha256"))
		}
	}
	for i := range s.Rejects {
		add("rejects", s.Rejects[i].Text("landing_ref"), "")
	}
	for i := range s.Findings {
		add("findings", s.Findings[i].Text("landing_ref"), "")
	}
	return answers
}

// answerPage is an answer with what it says of the order.
type answerPage struct {
	Answer
	element []byte // the order in it; nil where it cannot be read
	header  string // of a page of CSV lines: its names
}

// answerReader reads the answers of one order.
type answerReader struct {
	tracer *Tracer
	story  *Story
	found  []answerPage
}

// read reads an answer that a row names.
func (r *answerReader) read(a Answer) error {
	p := answerPage{Answer: a}
	e, body, err := r.tracer.Landing.Answer(fmt.Sprintf("%s:%d", a.File, a.Line))
	p.request(e)
	var damaged *landing.Damaged
	switch {
	case errors.As(err, &damaged):
		p.State, p.Note = Damaged, damaged.Reason
	case errors.Is(err, landing.ErrPruned):
		p.State, p.Note = Pruned, err.Error()
	case errors.Is(err, sealed.ErrNoIdentity):
		p.State, p.Note = Encrypted, "it is encrypted: landing.identity opens it"
	case err != nil:
		p.State, p.Note = Damaged, err.Error()
	case a.SHA256 != "" && a.SHA256 != e.SHA256:
		p.State, p.Note = Damaged, "its hash is not the one that the database holds: another answer lies in its place"
	default:
		p.State = Verified
		if e.Wrapped {
			p.Note = mendedNote
		}
		if p.element, err = partAt(body, a.At); err != nil {
			p.State, p.Note = Damaged, "it has no "+a.At
		}
		p.header = personal.HeaderOf(body)
	}
	r.found = append(r.found, p)
	return nil
}

// mendedNote says of an answer that it is not shown as it came.
const mendedNote = "it came as no valid JSON, or not in UTF-8: shown is what was read of it"

// request takes over what the manifest says.
func (p *answerPage) request(e landing.Description) {
	if e.Line == 0 {
		return
	}
	if p.SHA256 == "" {
		p.SHA256 = e.SHA256
	}
	answered := e.At
	p.Method, p.Path, p.Params, p.Status, p.AnsweredAt = e.Request.Method, e.Request.Path, e.Request.Params, e.Status, &answered
}

// search looks for the order in the streams of its account that no row names,
// in the runs that rows name.
func (r *answerReader) search() error {
	names := r.idNames()
	if len(names) == 0 {
		return nil
	}
	runs := map[string]bool{}
	segments := map[string]bool{}
	for _, p := range r.found {
		segments[p.File] = true
		runs[path.Dir(p.File)] = true
	}
	for dir := range runs {
		run, ok := runOf(dir)
		if !ok {
			continue
		}
		journals, err := r.tracer.Landing.WindowLedgers(run)
		if err != nil {
			r.story.Notes = append(r.story.Notes, "the order was not looked for in further answers: "+err.Error())
			continue
		}
		j := journals[ledger.AccountID{Source: r.story.Source, Account: r.story.Account}]
		if j == nil {
			continue
		}
		for _, w := range j.LoadedWindows() {
			if w.First > 0 && !segments[w.Segment] {
				r.searchWindow(w, names)
			}
		}
	}
	return nil
}

// runOf is the run whose folder that is: yyyy/MM/dd/id.
func runOf(dir string) (landing.RunRecord, bool) {
	day, id := path.Split(dir)
	at, err := time.Parse("2006/01/02", strings.TrimSuffix(day, "/"))
	return landing.RunRecord{Run: ledger.Run{ID: id, At: at}}, err == nil
}

// idNames are the members by which answers that rows name call the order: what
// else is called so in other streams is the order as well.
func (r *answerReader) idNames() []string {
	var names []string
	for _, p := range r.found {
		for _, name := range namesOf(p.element, r.story.OrderID) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func (r *answerReader) searchWindow(w landing.WindowEntry, names []string) {
	err := r.tracer.Landing.Pages(w, func(p *extract.Page, l landing.Landed) error {
		e := l.Description()
		pointers := pointersTo(p.Body, r.story.OrderID, names)
		if len(pointers) == 0 && p.Subject.OrderID == r.story.OrderID {
			pointers = []string{""}
		}
		for _, pointer := range pointers {
			a := Answer{
				Ref: l.Ref + "#" + pointer, File: w.Segment, Line: e.Line, At: pointer, SHA256: e.SHA256, Rows: []string{}, State: Verified,
				Note: "found by the order's number",
			}
			if e.Wrapped {
				a.Note += "; " + mendedNote
			}
			found := answerPage{Answer: a, header: personal.HeaderOf(p.Body)}
			found.request(e)
			element, err := partAt(p.Body, pointer)
			if err != nil {
				return err
			}
			found.element = element
			r.found = append(r.found, found)
		}
		return nil
	})
	if err != nil {
		r.story.Notes = append(r.story.Notes, "stream "+w.Stream+" was not searched to its end: "+err.Error())
	}
}
