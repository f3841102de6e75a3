package starhotel

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
	"github.com/nightaudit/nightaudit/transform"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Probe asks them by reads of the two lists. It takes 30 calls at most of all
// vendors that are simulated.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	p := &prober{Session: s, account: a, end: midnight(a.env.Now(), a.config.Calendar().Zone).AddDate(0, 0, 2)}
	for _, step := range []func(context.Context) error{p.form, p.pages, p.accommodations, p.bounds, p.values} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prober is the probe of one account.
type prober struct {
	*probe.Session
	account *account  // with days in the form that the vendor reads
	end     time.Time // after the last day on which there can be orders
	first   int       // the vendor's number of the first page

	orders, accoms []probe.Record   // of the first page of each list
	pagesOf        []*probe.Reading // those pages
}

// everything is a range of creation that holds all orders.
func (p *prober) everything() part {
	return part{from: time.Date(earliest, 1, 1, 0, 0, 0, 0, p.account.config.Calendar().Zone), to: p.end}
}

func (p *prober) request(ctx context.Context, stream string, of part, number, size int) (*extract.Page, error) {
	l := listingOf(stream)
	r := l.request(p.account, of)
	r.Page, r.PageSize = number, size
	return p.account.ask(ctx, l, "probe "+l.what+" ("+of.String()+")", r)
}

func (p *prober) list(ctx context.Context, stream string, of part, number, size int) (*probe.Reading, error) {
	return p.Read(ctx, func(ctx context.Context) (*extract.Page, error) { return p.request(ctx, stream, of, number, size) })
}

// form finds out in which form days are read, by pages of one order.
func (p *prober) form(ctx context.Context) error {
	given := p.account
	use := func(form string) {
		p.account = &account{config: given.config, env: given.env, client: given.client}
		p.account.config.DateFormat = form
	}
	taken := given.config.DateFormat
	other := map[string]string{datesAsDay: datesAsUnix, datesAsUnix: datesAsDay}[taken]
	form, err := p.Form(ctx, probe.Form{Question: "date_format", Taken: taken, Other: other, Ask: func(ctx context.Context, form string, asked probe.Range) (*probe.Reading, error) {
		use(form)
		of := p.everything()
		if asked == probe.Nothing {
			of.to = of.from
			return p.list(ctx, streamOrders, of, p.first, 1)
		}
		r, number, err := probe.Either(given.config.PageNumber(1), func(number int) (*probe.Reading, error) {
			return p.list(ctx, streamOrders, of, number, 1)
		})
		p.first = number
		return r, err
	}})
	use(form)
	return err
}

// pages asks about the pages of the list of orders.
func (p *prober) pages(ctx context.Context) error {
	s := p.account.Settings()
	list, err := p.Pages(ctx, probe.List{First: s.PageNumber(1), Size: s.PageSize, Read: func(ctx context.Context, number, size int) (*extract.Page, error) {
		return p.request(ctx, streamOrders, p.everything(), number, size)
	}})
	if err != nil {
		return err
	}
	p.first = list.First
	p.orders, p.pagesOf = list.Whole.Records("data", "list"), []*probe.Reading{list.Whole}
	return p.Sorted(list.Whole, p.orders, "created_at", "order_id")
}

// accommodations asks whether their list has pages: a page of double size is two small
// ones. Where each is the first one again, the number is ignored.
func (p *prober) accommodations(ctx context.Context) error {
	var all []*probe.Reading
	read := func(number, size int) (*probe.Reading, error) {
		r, err := p.list(ctx, streamAccoms, p.everything(), number, size)
		if err == nil {
			all = append(all, r)
		}
		return r, err
	}
	tell := func(outcome string) error {
		return p.Tell("accoms_paged", outcome, map[string]any{"rows": all[0].Facts.Rows}, all...)
	}
	whole, err := read(p.first, p.account.config.PageSize)
	if err != nil {
		return err
	}
	p.accoms, p.pagesOf = whole.Records("data", "list"), append(p.pagesOf, whole)
	small := min(5, whole.Facts.Rows/2)
	switch {
	case whole.Refused != nil:
		return tell("refused")
	case small == 0:
		return tell("few")
	}
	for _, page := range [][2]int{{p.first, 2 * small}, {p.first, small}, {p.first + 1, small}, {p.first + 2, small}} {
		if _, err := read(page[0], page[1]); err != nil {
			return err
		}
	}
	differs := func(r *probe.Reading) bool { return !slices.Equal(r.Facts.Keys, whole.Facts.Keys) }
	alike := !slices.ContainsFunc(all, differs)
	switch {
	case probe.Joined(all[1], all[2], all[3]):
		return tell("paged")
	case alike && whole.Facts.Total > int64(whole.Facts.Rows):
		return tell("unpaged")
	case alike:
		return tell("same")
	}
	return tell("unclear")
}

// bounds asks for the days that begin or end with that of a known order. It is one
// whose day is the same in UTC, for in which zone the vendor cuts days is not known.
func (p *prober) bounds(ctx context.Context) error {
	zone := p.account.config.Calendar().Zone
	var id string
	var day time.Time
	for _, o := range p.orders {
		at, err := time.Parse(time.RFC3339Nano, o.Text("created_at"))
		if err == nil && at.UTC().Day() == at.In(zone).Day() && o.Text("order_id") != "" {
			id, day = o.Text("order_id"), midnight(at, zone)
			break
		}
	}
	if id == "" {
		if err := p.Tell("begin_bound", "few", nil); err != nil {
			return err
		}
		return p.Tell("end_bound", "few", nil)
	}
	ask := func(ctx context.Context, from, to int) (*probe.Reading, bool, bool, error) {
		size := p.account.config.PageSize
		r, err := p.list(ctx, streamOrders, part{from: day.AddDate(0, 0, from), to: day.AddDate(0, 0, to)}, p.first, size)
		if err != nil {
			return nil, false, false, err
		}
		came := slices.ContainsFunc(r.Records("data", "list"), func(o probe.Record) bool { return o.Text("order_id") == id })
		return r, came, !came && r.Full(p.pagesOf[0], size), nil
	}
	unit := probe.Text{EN: "day", ZH: "天"}
	if err := p.Bound(ctx, probe.Bound{Question: "begin_bound", Unit: unit, Ask: func(ctx context.Context, before int) (*probe.Reading, bool, bool, error) {
		return ask(ctx, -before, 1)
	}}); err != nil {
		return err
	}
	return p.Bound(ctx, probe.Bound{Question: "end_bound", Unit: unit, Ask: func(ctx context.Context, before int) (*probe.Reading, bool, bool, error) {
		return ask(ctx, -1, before)
	}})
}

// values tells which statuses and forms of time were seen.
func (p *prober) values(context.Context) error {
	statuses, times := seen{}, seen{}
	note := func(o probe.Record, known map[string]transform.StatusMap, forms map[string]string) {
		for name, documented := range known {
			if code := o.Text(name); code != "" {
				_, ok := documented[code]
				statuses.add(name+" "+code, ok)
			}
		}
		for name, form := range forms {
			if text := o.Text(name); text != "" {
				times.add(name+": "+timeForm(text), timeForm(text) == form)
			}
		}
	}
	for _, o := range p.orders {
		note(o, map[string]transform.StatusMap{"order_status": orderStatus}, map[string]string{"created_at": formISO, "updated_at": formISO, "service_date": formSeconds})
	}
	for _, order := range p.accoms {
		for _, stay := range order.List("accoms") {
			note(stay, map[string]transform.StatusMap{"accom_status": accomStatus, "checkout_status": {"10": "", "20": ""}},
				map[string]string{"checkin_start_time": formSeconds, "checkin_end_time": formSeconds, "created_date": formSeconds})
		}
	}
	if err := p.Tell("statuses", statuses.outcome(), statuses.values(), p.pagesOf...); err != nil {
		return err
	}
	return p.Tell("times", times.outcome(), times.values(), p.pagesOf...)
}

// seen counts values that are documented and others.
type seen struct{ all, others probe.Counts }

func (s *seen) add(value string, documented bool) {
	if s.all == nil {
		s.all, s.others = probe.Counts{}, probe.Counts{}
	}
	s.all[value]++
	if !documented {
		s.others[value]++
	}
}

func (s *seen) outcome() string {
	switch {
	case len(s.all) == 0:
		return "few"
	case len(s.others) > 0:
		return "others"
	}
	return "documented"
}

func (s *seen) values() map[string]any { return map[string]any{"seen": s.all, "others": s.others} }

// The forms in which times are documented.
const (
	formISO     = "ISO 8601"
	formSeconds = "seconds"
)

// timeForm names the form of a time.
func timeForm(text string) string {
	for _, form := range []struct{ layout, name string }{
		{time.RFC3339Nano, formISO}, {time.DateTime, "yyyy-MM-dd HH:mm:ss"}, {time.DateOnly, "yyyy-MM-dd"},
	} {
		if _, err := time.Parse(form.layout, text); err == nil {
			return form.name
		}
	}
	switch digits := strings.Trim(text, "0123456789") == ""; {
	case digits && len(text) == 10:
		return formSeconds
	case digits && len(text) == 13:
		return "milliseconds"
	}
	return "another form"
}
