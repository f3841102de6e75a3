package pipeline_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// soak is the hamlet whose vendors answer badly now and then, for many nights.
type soak struct {
	*hamlet
	*chaos
	extra map[string]string    // orders that came while a night was read, as held has them
	late  map[string]time.Time // when the shop's search takes an order that was changed
}

func startSoak(t *testing.T, seed uint64) *soak {
	c := newChaos(seed)
	s := &soak{chaos: c, hamlet: startHamletBehind(t, c.before), extra: map[string]string{}, late: map[string]time.Time{}}
	s.drift, s.indexed = s.move, s.lag
	// One call at a time, so that the same dice fall in the same places.
	s.configure("page_size: 2,", "page_size: 2, concurrency: 1,")
	return s
}

// held is what the vendors hold, by source/id: the word of the state. It is
// worked out from how the hamlet goes on, without the program.
func (s *soak) held() map[string]string {
	held := map[string]string{}
	today := s.day()
	for day := 6; day < today; day++ {
		for n := range perDay {
			// The first order of a day went on two days later; those of the 6th and 7th
			// did not.
			on := n == 0 && day >= 8 && day <= today-3
			key := orderID(day, n)
			held["guoxiaodi/ON"+key] = either(on, "RECEIVED", "WAIT_TAKE")
			if s.lost(day, n) {
				continue
			}
			held["tuya/"+key] = either(on, "finished", "created")
			held["akubela/"+key] = either(on, "checked_in", "check_in")
			// The third order of a day went on four days later.
			held["soms/"+key] = either(on || n == 2 && day <= today-5, "delivered", "confirmed")
			held[fmt.Sprintf("starhotel/%d", orderNumber(day, n))] = either(on, "180", "110")
		}
	}
	maps.Copy(held, s.extra)
	return held
}

// move lets a vendor take an order while the night is read, of the day before: it
// is there from the next night on.
func (s *soak) move(source string) {
	day, n := s.day()-1, perDay+len(s.moving)
	if n > 12 {
		return
	}
	key := source + "/" + orderID(day, n)
	switch source {
	case "tuya":
		s.extra[key] = "created"
		s.service(day, n, "created")
	case "akubela":
		s.extra[key] = "check_in"
		s.stay(day, n, "check_in")
	case "soms":
		s.extra[key] = "confirmed"
		s.retail(day, n, "confirmed", day)
	case "starhotel":
		key = fmt.Sprintf("starhotel/%d", orderNumber(day, n))
		s.extra[key] = "110"
		s.booking(day, n, 110)
	default:
		return
	}
	s.moving[key] = true
	s.harm(source, "", "moved: "+key) // a list that moves may not settle
}

// lag has the shop's search take one change in five some hours late.
func (s *soak) lag(id string) string {
	delete(s.late, "soms/"+id)
	if s.calm || s.dice["soms"].IntN(5) > 0 {
		return ""
	}
	at := s.now.Add(time.Duration(s.dice["soms"].IntN(60)) * time.Hour)
	s.late["soms/"+id] = at
	s.done["late in the search"]++
	return soms.LocalTime(at)
}

// lost is whether pass has let the order disappear by now.
func (s *soak) lost(day, n int) bool {
	for past := 10; past < s.day(); past++ {
		lost, which := 19-past, 1
		if lost < 6 {
			lost, which = past-8, 2
		}
		if lost == day && which == n {
			return true
		}
	}
	return false
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// night lets a day pass and carries out its night.
func (s *soak) night() *pipeline.Result {
	s.pass()
	s.begin()
	s.moving = map[string]bool{}
	if s.dice["register"].IntN(20) == 0 {
		s.damageRegister()
	}
	r := s.run()
	s.mend()
	return r
}

// damageRegister puts a line into the register as a spreadsheet leaves it, for
// one night.
func (s *soak) damageRegister() {
	line := []string{`{"orderNo":6.92026E+15,"payFee":"500"}`, `,,,,`, `{"orderNo":"ONX","payFee":`}[s.dice["register"].IntN(3)]
	s.harm("guoxiaodi", "", "register: "+line)
	s.write(append(slices.Clone(s.register), line+"\n"...))
}

func (s *soak) mend() { s.write(s.register) }

func (s *soak) write(register []byte) {
	if err := os.WriteFile(filepath.Join(s.dir, "register.jsonl"), register, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// check compares what a night has left with what the vendors hold. Every
// difference is named by the night, and nothing that is well is.
func (s *soak) check(n int, r *pipeline.Result) {
	t := s.t
	t.Helper()
	said := s.said(r)
	got := map[string]string{}
	for _, line := range s.read("SELECT source || '/' || order_id, source_status, deleted_at IS NOT NULL FROM orders") {
		part := strings.Split(line, " | ")
		if part[2] == "false" {
			got[part[0]] = part[1]
		}
	}
	var wrong []string
	for key, state := range s.held() {
		// A night asks for what the search has taken until a minute before it (lag).
		if s.moving[key] || s.late[key].After(s.now.Add(-time.Minute)) {
			continue
		}
		source, id, _ := strings.Cut(key, "/")
		if got[key] != state && len(said[source]) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s is %q, the vendor says %q, and nothing is named", key, got[key], state))
		}
		if got[key] == "" && s.known[key] && s.harmed[source][id] == "" {
			wrong = append(wrong, fmt.Sprintf("%s lives and is gone", key))
		}
	}
	for source, words := range said {
		if len(s.harmed[source]) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s was well and is said to be %q", source, words))
		}
		if slices.Sort(words); len(slices.Compact(slices.Clone(words))) != len(words) {
			wrong = append(wrong, fmt.Sprintf("%s is told twice: %q", source, words))
		}
	}
	for source, harm := range s.harmed {
		for id, what := range harm {
			if what != "" && strings.HasPrefix(what, "must") && !slices.ContainsFunc(said[source], func(w string) bool { return strings.Contains(w, id) }) {
				wrong = append(wrong, fmt.Sprintf("%s %s: %s: is not named: %q", source, id, what, said[source]))
			}
		}
	}
	if exit := either(s.partial(r), "3", "0"); fmt.Sprint(r.ExitCode) != exit {
		wrong = append(wrong, fmt.Sprintf("exit code %d, want %s", r.ExitCode, exit))
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		t.Errorf("night %d (%s): harm done: %v, passing: %v\n\t%s", n, s.now.Format("01-02"), s.harmed, s.passing, strings.Join(wrong[:min(len(wrong), 6)], "\n\t"))
	}
	for key := range got {
		s.known[key] = true
	}
	maps.DeleteFunc(s.known, func(key string, _ bool) bool { return s.held()[key] == "" })
}

// said is what the night names, by source: rejects, findings and why a window
// or an account is not complete.
func (s *soak) said(r *pipeline.Result) map[string][]string {
	said := map[string][]string{}
	// What is told without an order is a place's: two bad totals are two troubles.
	for _, line := range s.read(`
		SELECT source, concat_ws(' ', order_id, field, reason, if(coalesce(order_id, '') = '', landing_ref, NULL)) FROM audit.findings WHERE run_id = '` + r.RunID + `'
		UNION ALL SELECT source, concat_ws(' ', order_id, field, reason, if(coalesce(order_id, '') = '', landing_ref, NULL)) FROM audit.rejects WHERE run_id = '` + r.RunID + `'`) {
		source, words, _ := strings.Cut(line, " | ")
		said[source] = append(said[source], words)
	}
	for _, a := range r.Accounts {
		if a.Err != nil {
			said[a.Source] = append(said[a.Source], a.Err.Error())
		}
		if len(a.Messages) > 0 {
			said[a.Source] = append(said[a.Source], a.Messages...)
		}
	}
	return said
}

// partial is whether a night must end with 3: an account is not complete, or a
// row was refused.
func (s *soak) partial(r *pipeline.Result) bool {
	return s.read("SELECT count(*) FROM audit.rejects WHERE run_id = '" + r.RunID + "'")[0] != "0" ||
		slices.ContainsFunc(r.Accounts, func(a pipeline.AccountResult) bool { return a.State != ledger.Complete })
}

// Nights in which one answer in fifty is bad in one of many ways, while orders
// come, change and disappear: what is good is there after each of them, what is
// bad is named once, nothing that lives is taken as deleted, and the exit code
// says whether something is missing. Two good nights later the tables are those
// of a fresh load.
func TestSoak(t *testing.T) {
	slowTest(t)
	nights := 6
	if long() {
		nights = 200
	}
	s := startSoak(t, 1)
	s.calm = true
	s.run()
	for key := range s.held() {
		s.known[key] = true
	}
	s.calm = false
	for n := range nights {
		s.check(n, s.night())
		if t.Failed() && !long() {
			return
		}
	}
	t.Logf("%d faults: %v", s.count(), s.done)
	s.calm = true
	for range 2 {
		s.check(-1, s.night())
	}
	if s.now.Before(slices.MaxFunc(append(slices.Collect(maps.Values(s.late)), s.now), time.Time.Compare)) {
		s.now = s.now.Add(60 * time.Hour) // the last of the late ones are in
		s.run()
	}
	soaked := liveFacts(t, s.published())
	for _, dir := range []string{s.cfg.DataDir, s.cfg.Publish.Dir, s.cfg.Report.Dir} {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	s.run()
	for table, rows := range liveFacts(t, s.published()) {
		equal(t, "fresh load of "+table, soaked[table], rows)
	}
}

func (c *chaos) count() (n int) {
	for _, times := range c.done {
		n += times
	}
	return n
}

// diceOf are one dice for each source, whose accounts run side by side.
func diceOf(seed uint64) map[string]*rand.Rand {
	dice := map[string]*rand.Rand{}
	for i, source := range append(slices.Clone(sources), "register") {
		dice[source] = rand.New(rand.NewPCG(seed, uint64(i)))
	}
	return dice
}
