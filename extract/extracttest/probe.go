package extracttest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

// ProbeCalls is how many calls the probe of an account may make unless it is told
// otherwise.
const ProbeCalls = 40

// Probe puts the probe of a source to the test, vendor by vendor, and keeps which
// outcomes were told.
type Probe struct {
	Driver extract.Driver
	// Config is the account's YAML without account, base_url and rate.
	Config string
	Env    extract.Env       // but its Transport
	Shop   []probe.ShopOrder // that the probe of another source has read

	told map[string]bool // "question/outcome"
}

// Probed is what became of the questions to one vendor.
type Probed struct {
	Answers map[string]probe.Answer
	Calls   int
	config  string
}

// Simulator is a simulated vendor.
type Simulator interface {
	http.Handler
	Requests() int
	Refused() []string
}

func (p *Probe) open(t testing.TB, config string, transport http.RoundTripper) extract.Source {
	t.Helper()
	text := fmt.Sprintf("account: probed\nbase_url: %s\nrate: 100000/s\n%s\n", DirectAddress, config)
	env := p.Env
	env.Transport = transport
	return Open(t, p.Driver, text, env)
}

// Ask asks v with most calls at most. It fails the test where more were sent, or others
// than the vendor's documented reads.
func (p *Probe) Ask(t testing.TB, v Simulator, most int) *Probed {
	t.Helper()
	account, ok := p.open(t, p.Config, probe.Transport{Base: Direct(v)}).(probe.Prober)
	if !ok {
		t.Fatalf("%s cannot be probed", p.Driver.Name)
	}
	s := account.Settings()
	calls := probe.NewCalls(most, 1e9)
	session, err := probe.NewSession(account, probe.Origin{
		Source: p.Driver.Name, Account: s.Account, Calendar: s.Calendar(), Currency: s.Currency, Privacy: Privacy(),
	}, landNowhere, calls)
	if err != nil {
		t.Fatal(err)
	}
	session.Offer(p.Shop...)
	before := v.Requests()
	answers, err := session.Run(t.Context())
	if err != nil {
		t.Errorf("the probe ended early: %v", err)
	}
	if sent := v.Requests() - before; sent != calls.Sent() || sent > most {
		t.Errorf("%d calls arrived, of %d that were counted and %d allowed", sent, calls.Sent(), most)
	}
	found := &Probed{Answers: map[string]probe.Answer{}, Calls: calls.Sent(), config: p.Config}
	if p.told == nil {
		p.told = map[string]bool{}
	}
	for _, a := range answers {
		found.Answers[a.Question] = a
		p.told[a.Question+"/"+a.Outcome] = true
	}
	CheckReadsOnly(t, v)
	return found
}

func landNowhere(*extract.Page) (ref, sha256 string, described func(extract.Facts, error) error, err error) {
	return "", "", func(extract.Facts, error) error { return nil }, nil
}

// CheckTold fails the test unless every outcome of the source's own questions has been
// told by some vendor.
func (p *Probe) CheckTold(t testing.TB) {
	t.Helper()
	account, _ := p.open(t, p.Config, Direct(http.NotFoundHandler())).(probe.Prober)
	questions, err := probe.Questions(account.Questions())
	if err != nil {
		t.Fatal(err)
	}
	common, err := probe.Common()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		if slices.ContainsFunc(common, func(c probe.Question) bool { return c.ID == q.ID }) {
			continue // package probe's own tests tell all of them
		}
		for _, outcome := range slices.Sorted(maps.Keys(q.Outcomes)) {
			if !p.told[q.ID+"/"+outcome] {
				t.Errorf("no vendor was told %s of question %s", outcome, q.ID)
			}
		}
	}
}

// Told fails the test unless the outcome of a question is one of those that are right
// for the vendor.
func (p *Probed) Told(t testing.TB, question string, right ...string) {
	t.Helper()
	a := p.Answers[question]
	if !slices.Contains(right, a.Outcome) {
		t.Errorf("%s: told %q (%s), want %s", question, a.Outcome, a.Say.EN, strings.Join(right, " or "))
	}
}

// Right fails the test unless the outcome of a question is the truth, or one that is
// open.
func (p *Probed) Right(t testing.TB, question, truth string) {
	t.Helper()
	if a := p.Answers[question]; a.Outcome != truth && a.Sure != probe.Open {
		t.Errorf("%s: told %s as %s (%s), and %s is true", question, a.Outcome, a.Sure, a.Say.EN, truth)
	}
}

// Says fails the test unless the answer to a question says text.
func (p *Probed) Says(t testing.TB, question, text string) {
	t.Helper()
	if a := p.Answers[question]; !strings.Contains(a.Say.EN, text) || !strings.Contains(a.Say.ZH, text) && !strings.Contains(text, " ") {
		t.Errorf("%s: told %q and %q, want %q in both", question, a.Say.EN, a.Say.ZH, text)
	}
}

// Config is the account's YAML with the keys that follow from the answers; those of a
// mapping ("from_soms.key") in its one line.
func (p *Probed) Config() string {
	lines := strings.Split(p.config, "\n")
	set := map[string]bool{}
	for _, question := range slices.Sorted(maps.Keys(p.Answers)) {
		for key, value := range p.Answers[question].Set {
			if set[key] {
				continue
			}
			set[key] = true
			if outer, inner, nested := strings.Cut(key, "."); nested {
				member := regexp.MustCompile(`\b` + inner + `: [^,}]*`)
				for i, line := range lines {
					if strings.HasPrefix(line, outer+": {") {
						lines[i] = member.ReplaceAllLiteralString(line, inner+": "+value)
					}
				}
				continue
			}
			lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, key+":") })
			lines = append(lines, key+": "+value)
		}
	}
	return strings.Join(lines, "\n")
}

// Whole reports whether a night of an account with config, in the lists that it reads,
// brings exactly the orders of ids and marks nothing; or what is wrong with it.
func (p *Probe) Whole(t testing.TB, v http.Handler, config string, plan extract.Plan, ids []string) error {
	t.Helper()
	night, err := TryFetch(context.Background(), p.open(t, config, Direct(v)), plan)
	if err != nil {
		return err
	}
	want := map[string]bool{}
	for _, id := range ids {
		want[id] = true
	}
	for _, s := range night.streams() {
		got, marked := night.keys(s)
		if marked {
			return fmt.Errorf("%s is marked", s)
		}
		if lost, more := lacking(want, got), lacking(got, want); len(lost)+len(more) > 0 {
			return fmt.Errorf("%s: complete with %d of %d orders, and %d others", s, len(ids)-len(lost), len(ids), len(more))
		}
	}
	return nil
}

// Saves fails the test unless a night of the account as it is configured brings less
// than the orders of ids, fails being in what is wrong with it, and one with what was
// told of v brings them: set, lines of YAML, is among that.
func (p *Probe) Saves(t testing.TB, v Simulator, plan extract.Plan, ids []string, fails, set string) {
	t.Helper()
	if err := p.Whole(t, v, p.Config, plan, ids); err == nil || !strings.Contains(err.Error(), fails) {
		t.Errorf("as configured: %v, want %s", err, fails)
	}
	config := p.Ask(t, v, ProbeCalls).Config()
	for key := range strings.SplitSeq(set, "\n") {
		if !strings.Contains(config, key) {
			t.Errorf("%s is not set: %s", key, config)
		}
	}
	if err := p.Whole(t, v, config, plan, ids); err != nil {
		t.Errorf("with what was told: %v", err)
	}
}

// streams are those of the night's windows.
func (n *Night) streams() (names []string) {
	for _, w := range n.Windows {
		if !slices.Contains(names, w.Stream) {
			names = append(names, w.Stream)
		}
	}
	return names
}
