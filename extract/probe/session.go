package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// Prober is an account whose vendor can be asked what its document leaves open.
type Prober interface {
	extract.Source
	// Questions is the source's questions.yaml.
	Questions() []byte
	// Probe asks, in the order of importance: what decides whether orders are
	// lost comes first, for calls may run out. It reads by Session.Read alone and
	// tells each outcome by Session.Tell. An error ends the probe of the account;
	// what was told before stays.
	Probe(ctx context.Context, s *Session) error
}

// Origin is what the decoded records of a session have in common.
type Origin = transform.Origin

// Answer is what became of a question.
type Answer struct {
	Question string `json:"question"`
	Ask      Text   `json:"ask"`
	Outcome  string `json:"outcome"` // the name of the outcome; "" where the question was not asked
	Sure     Sure   `json:"sure"`
	Say      Text   `json:"say"`
	Means    Text   `json:"means,omitzero"`
	Do       Text   `json:"do,omitzero"`
	// Set are keys of the account's configuration and the YAML of their values.
	Set      map[string]string `json:"set,omitempty"`
	Evidence []Evidence        `json:"evidence"`
}

// Evidence is one read: what was asked, and what came.
type Evidence struct {
	Request extract.Request `json:"request"`
	Status  int             `json:"status,omitempty"`
	Rows    int             `json:"rows"`
	Total   *int64          `json:"total,omitempty"` // stated by the vendor
	// Refused is the vendor's refusal in the place of an answer.
	Refused string `json:"refused,omitempty"`
	Ref     string `json:"ref,omitempty"` // file:line of the landed answer
	SHA256  string `json:"sha256,omitempty"`
}

// Reading is one answer of the vendor, landed and decoded.
type Reading struct {
	Page  *extract.Page // nil where it was refused
	Facts extract.Facts
	// Rows are the decoded records; they are the caller's until the next Read.
	Rows *transform.Batch
	// Refused is the vendor's refusal; nil for an answer.
	Refused *extract.Error
	Evidence
}

// Land keeps an answer as evidence before it is decoded. It says where the answer
// lies; described is told what was found in it.
type Land func(p *extract.Page) (ref, sha256 string, described func(f extract.Facts, decoding error) error, err error)

// ErrCalls is the end of the calls that a probe may make.
var ErrCalls = errors.New("the calls that the probe may make have been made")

// Session is the probe of one account. It is not safe for concurrent use.
type Session struct {
	account   Prober
	origin    Origin
	land      Land
	calls     *Calls
	questions []Question
	answers   map[string]Answer
	told      []string // questions, as they were answered
	shop      []ShopOrder
}

// ShopOrder is an order by all numbers that a courier may know it by; "" for one
// that it has not.
type ShopOrder struct {
	Source, Account           string
	OrderID, OrderNo, Waybill string
	Carriers                  []string // their ids
}

// Offer tells of orders that accounts of another source may ask their vendor for.
func (s *Session) Offer(orders ...ShopOrder) { s.shop = append(s.shop, orders...) }

// Shop are the orders that were offered, by this session or those before it.
func (s *Session) Shop() []ShopOrder { return s.shop }

// NewSession begins the probe of an account. origin is that of its rows, without a
// stream; calls are those it may make.
func NewSession(account Prober, origin Origin, land Land, calls *Calls) (*Session, error) {
	questions, err := Questions(account.Questions())
	if err != nil {
		return nil, err
	}
	return &Session{account: account, origin: origin, land: land, calls: calls, questions: questions, answers: map[string]Answer{}}, nil
}

// Read asks the vendor once, lands what it answers and decodes it. That the vendor
// refused what was asked is no error: Reading.Refused.
func (s *Session) Read(ctx context.Context, ask Ask) (*Reading, error) {
	return s.read(ctx, ask, func(e *extract.Error) bool { return e.Class == extract.Permanent })
}

// Try is Read where any refusal in the place of an answer may be one of what was
// asked: a server that fails over one call and not over others, or that asks for
// a log-in.
func (s *Session) Try(ctx context.Context, ask Ask) (*Reading, error) {
	return s.read(ctx, ask, func(*extract.Error) bool { return true })
}

// Ask asks a vendor once.
type Ask func(ctx context.Context) (*extract.Page, error)

// read asks; counts says of which refusals it is no error.
func (s *Session) read(ctx context.Context, ask Ask, counts func(e *extract.Error) bool) (*Reading, error) {
	if s.calls.Left() <= 0 {
		return nil, ErrCalls
	}
	page, err := ask(s.calls.Context(ctx))
	if err != nil {
		return s.refused(ctx, err, counts)
	}
	return s.take(page)
}

// take lands an answer and decodes it.
func (s *Session) take(page *extract.Page) (*Reading, error) {
	ref, sum, described, err := s.land(page)
	if err != nil {
		return nil, err
	}
	origin := s.origin
	origin.Stream = page.Stream
	r := &Reading{Page: page, Rows: transform.NewBatch(origin)}
	r.Rows.Begin(transform.PageOrigin{Ref: ref, SHA256: sum, Body: page.Body, Repairs: page.Repairs})
	r.Facts, err = extract.Decode(s.account, page, r.Rows)
	if err := errors.Join(err, described(r.Facts, err)); err != nil {
		return nil, err
	}
	r.Evidence = Evidence{Request: page.Request, Status: page.Status, Rows: r.Facts.Rows, Ref: ref, SHA256: sum}
	if r.Facts.Total >= 0 {
		r.Total = &r.Facts.Total
	}
	return r, nil
}

// refused makes a reading of what may be a refusal of what was asked. It may be one of
// the account as well, which every call gets: whoever asks first finds out.
func (s *Session) refused(ctx context.Context, err error, counts func(e *extract.Error) bool) (*Reading, error) {
	var e *extract.Error
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.calls.Left() <= 0 && extract.ClassOf(err) == extract.Transient:
		return nil, ErrCalls // what was sent last needed another attempt
	case !errors.As(err, &e) || !e.Answered || !counts(e):
		return nil, err
	}
	return &Reading{Refused: e, Facts: extract.Facts{Total: -1}, Evidence: Evidence{
		Request: extract.Request{Path: e.Target}, Refused: e.Error(),
	}}, nil
}

// Left is how many calls may still be made.
func (s *Session) Left() int { return s.calls.Left() }

// Tell answers a question with one of its outcomes. A question that is answered
// twice keeps the first answer.
func (s *Session) Tell(question, outcome string, values map[string]any, readings ...*Reading) error {
	i := slices.IndexFunc(s.questions, func(q Question) bool { return q.ID == question })
	if i < 0 {
		return fmt.Errorf("there is no question %q", question)
	}
	q := s.questions[i]
	o, ok := q.Outcomes[outcome]
	if !ok {
		return fmt.Errorf("question %s has no outcome %q", question, outcome)
	}
	if _, told := s.answers[question]; told {
		return nil
	}
	o, err := o.fill(values)
	if err != nil {
		return fmt.Errorf("outcome %s of question %s: %w", outcome, question, err)
	}
	a := Answer{
		Question: question, Ask: q.Ask, Outcome: outcome, Sure: o.Sure,
		Say: o.Say, Means: o.Means, Do: o.Do, Set: o.Set, Evidence: []Evidence{},
	}
	for _, r := range readings {
		a.Evidence = append(a.Evidence, r.Evidence)
	}
	s.answers[question] = a
	s.told = append(s.told, question)
	return nil
}

// TellRest answers all questions that have the outcome and no answer yet.
func (s *Session) TellRest(outcome string, readings ...*Reading) error {
	for _, q := range s.questions {
		if _, ok := q.Outcomes[outcome]; !ok {
			continue
		}
		if err := s.Tell(q.ID, outcome, nil, readings...); err != nil {
			return err
		}
	}
	return nil
}

// Outcome is what was told of a question, "" where nothing was.
func (s *Session) Outcome(question string) string { return s.answers[question].Outcome }

// What stands of a question that was not asked: calls ran out, or it needs the answer
// to one that is open.
var (
	notAsked = Answer{
		Sure: Open,
		Say:  Text{"not asked", "未询问"},
		Do:   Text{"probe again with a higher --max-calls", "提高 --max-calls 后再次运行 probe"},
	}
	notReached = Answer{
		Sure: Open,
		Say:  Text{"not asked, for another question has to be answered before", "未询问：需先解答其他问题"},
		Do:   Text{"settle the open questions above, then probe again", "请先解决上面未解答的问题，再次运行 probe"},
	}
)

// Run probes the account and returns what became of each question, as they were
// answered, which is by their importance; those that were not asked follow in the order
// of questions.yaml. An error says why it ended early; that calls have run out is none.
func (s *Session) Run(ctx context.Context) ([]Answer, error) {
	err := s.account.Probe(ctx, s)
	untold := notReached
	if errors.Is(err, ErrCalls) {
		err, untold = nil, notAsked
	}
	all := make([]Answer, 0, len(s.questions))
	for _, id := range s.told {
		all = append(all, s.answers[id])
	}
	for _, q := range s.questions {
		if _, told := s.answers[q.ID]; !told {
			a := untold
			a.Question, a.Ask, a.Evidence = q.ID, q.Ask, []Evidence{}
			all = append(all, a)
		}
	}
	return all, err
}
