package pipeline

import (
	"strconv"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
)

// watch notes what the answers of a stream look like, for the stage to compare with
// what the nights before have shown (load.Observation).
type watch struct {
	census  transform.Census
	bytes   int // of all answers, of single orders among them
	all     int // their number
	answers int64
	stated  int64 // of them stated a total
	ref     string
	// The page before, of a list, and the largest one that others came behind.
	before, largest listPage
}

// listPage is a page of a list.
type listPage struct {
	list listPart
	rows int
	ref  string
}

// listPart is what pages that follow each other have in common.
type listPart struct {
	filter, part string
	pass         int
}

const (
	// countedWholly is so much of a night's answers of a stream whose members are all
	// counted, some 700 orders; beyond it, every countedThen-th answer's are: what a
	// long first night would take of time for it was a tenth.
	countedWholly = 2 << 20
	countedThen   = 16
)

// note notes an answer that was decoded.
func (w *watch) note(p *extract.Page, ref string, f extract.Facts) {
	if p.Refused != nil {
		return
	}
	if w.bytes < countedWholly || w.all%countedThen == 0 {
		w.census.Add(p.Body, ref)
	}
	w.bytes, w.all = w.bytes+len(p.Body), w.all+1
	if p.Subject != (extract.Subject{}) { // no list
		return
	}
	if w.answers++; w.ref == "" {
		w.ref = ref
	}
	if f.Total >= 0 {
		w.stated++
	}
	now := listPage{listPart{p.Filter, p.Part, p.Pass}, f.Rows, ref}
	if now.rows > 0 && now.list == w.before.list && w.before.rows > w.largest.rows {
		w.largest = w.before
	}
	w.before = now
}

// nextWindow tells that what follows belongs to another window.
func (w *watch) nextWindow() { w.before = listPage{} }

// observed is what the stream's answers showed, where size records were asked for.
func (w *watch) observed(stream string, size int) []load.Observation {
	var all []load.Observation
	for _, m := range w.census.Members() {
		all = append(all, load.Observation{
			Stream: stream, Trait: "member", Within: m.Path, Item: m.Name, Value: m.Types, Counted: m.Count, Among: m.Among, Ref: m.Ref,
		})
	}
	if w.answers > 0 {
		total := "none"
		if w.stated > 0 {
			total = "stated"
		}
		all = append(all, load.Observation{Stream: stream, Trait: "total", Item: "total", Value: total, Counted: w.stated, Among: w.answers, Ref: w.ref})
	}
	if w.largest.rows > 0 {
		all = append(all, load.Observation{Stream: stream, Trait: "page", Item: strconv.Itoa(size), Counted: int64(w.largest.rows), Among: w.answers, Ref: w.largest.ref})
	}
	return all
}

// watched is the watch over a stream.
func (a *accountRun) watched(stream string) *watch {
	w := a.watches[stream]
	if w == nil {
		w = &watch{}
		a.watches[stream] = w
	}
	return w
}

// observe hands over to the stage what all answers showed.
func (a *accountRun) observe() {
	var all []load.Observation
	for _, st := range a.Driver.Streams { // in their order
		if w := a.watches[st.Name]; w != nil {
			all = append(all, w.observed(st.Name, a.Account.Source.Settings().PageSize)...)
		}
	}
	a.stage.Observe(all)
}
