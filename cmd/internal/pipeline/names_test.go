package pipeline_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/lake"
	"github.com/nightaudit/nightaudit/reports/query"
)

// rowsOf are the breaks of an account by order, each with what was written there:
// "N1:comment".
func rowsOf(account string, orders ...string) (rows []string) {
	for _, order := range orders {
		name, comment, _ := strings.Cut(order, ":")
		if comment == "" {
			rows = append(rows, fmt.Sprintf("%s | %s | open | – | –", account, name))
		} else {
			rows = append(rows, fmt.Sprintf("%s | %s | explained | Li Wei | %s", account, name, comment))
		}
	}
	return rows
}

// Two accounts change places through a third name, in three nights; the aliases
// are gone afterwards. The landing has orders of both shops under both names:
// a replay must tell by the night whose they are, and so must a workbook that was
// made before and is filled in after. X1 is an order number of both shops.
func TestAccountsChangePlaces(t *testing.T) {
	slowTest(t)
	v := startVillage(t, "ns")
	v.sell("n", "N1", "N2", "X1")
	v.sell("s", "S1", "S2", "X1")
	v.configure("", v.account("a", "n"), v.account("b", "s"))
	book := v.night(pipeline.Options{}).Workbook
	v.comment(book, map[string]string{"N1": "first", "S1": "second"})
	v.closeApril()
	v.configure("", v.account("x", "n", "aliases: [a]"), v.account("b", "s"))
	v.quiet(0)
	v.configure("", v.account("x", "n"), v.account("a", "s", "aliases: [b]"))
	v.quiet(0)
	v.configure("", v.account("b", "n", "aliases: [x]"), v.account("a", "s"))
	v.quiet(0)
	v.comment(book, map[string]string{"N2": "third", "S2": "fourth"})
	want := append(rowsOf("b", "N1:first", "N2:third", "X1"), rowsOf("a", "S1:second", "S2:fourth", "X1")...)
	closed := []string{"2026-04 | a | 3 | 0 | 3 | 30.0000 | 30.0000", "2026-04 | b | 3 | 0 | 3 | 30.0000 | 30.0000"}
	look := func(what string) {
		t.Helper()
		equal(t, what+": breaks", v.comments(), want)
		equal(t, what+": April", v.closed(), closed)
		v.wantFresh(what)
	}
	look("changed places")
	v.configure("", v.account("b", "n"), v.account("a", "s")) // no word of the past
	v.replay()
	look("replayed")
	if r := v.quiet(0); len(r.Notices) > 0 {
		t.Errorf("a night after: %q", r.Notices)
	}
	look("a night later")
}

// Two accounts become one, whose tenant lists the orders of both, and are divided
// again. What people wrote goes with the orders, and so do the figures of the
// closed month.
func TestMergedAndSplit(t *testing.T) {
	slowTest(t)
	v := startVillage(t, "nsw")
	v.sell("n", "N1", "N2", "N3", "N4", "N5", "N6", "N7")
	v.sell("s", "S1")
	v.sell("w", "N1", "N2", "N3", "N4", "N5", "N6", "N7")
	v.sell("w", "S1")
	place := func(letter string) string {
		return fmt.Sprintf("%q", fmt.Sprintf("%s tenant_id %d", v.urls[letter], letter[0]))
	}
	v.configure("", v.account("b", "n"), v.account("a", "s"))
	book := v.night(pipeline.Options{}).Workbook
	v.comment(book, map[string]string{"N1": "first", "S1": "second"})
	v.closeApril()

	v.configure("", v.account("c", "w", "aliases: [a, b]", "moved_from: ["+place("n")+", "+place("s")+"]"))
	r := v.quiet(0)
	for _, text := range []string{"soms/c: renamed from a: 1 orders", "soms/c: renamed from b: 7 orders", "read from its beginning"} {
		if !strings.Contains(strings.Join(r.Notices, "\n"), text) {
			t.Errorf("%q is not said: %q", text, r.Notices)
		}
	}
	rest := []string{"N2", "N3", "N4", "N5", "N6", "N7"}
	equal(t, "breaks of one", v.comments(), rowsOf("c", append([]string{"N1:first", "S1:second"}, rest...)...))
	equal(t, "April of one", v.closed(), []string{"2026-04 | c | 8 | 0 | 8 | 80.0000 | 80.0000"})
	v.wantFresh("one")

	// Seven of the eight go, more than a vendor loses in a night: for they are not
	// missing, the night is whole. The rest keeps the name, at another tenant.
	v.configure("", v.account("b", "n", "split_from: [c]"), v.account("c", "s", "moved_from: ["+place("w")+"]"))
	if r = v.quiet(0); !strings.Contains(strings.Join(r.Notices, "\n"), "soms/b: took 7 orders of c, with their breaks and what people wrote") {
		t.Errorf("nothing is said of the split: %q", r.Notices)
	}
	look := func(what string) {
		t.Helper()
		equal(t, what+": breaks", v.comments(), append(rowsOf("b", append([]string{"N1:first"}, rest...)...), rowsOf("c", "S1:second")...))
		equal(t, what+": April", v.closed(), []string{"2026-04 | b | 7 | 0 | 7 | 70.0000 | 70.0000", "2026-04 | c | 1 | 0 | 1 | 10.0000 | 10.0000"})
		v.wantFresh(what)
	}
	look("split")
	v.comment(book, map[string]string{"N2": "third"})
	rest[0] = "N2:third"
	v.configure("", v.account("b", "n"), v.account("c", "s")) // no word of the past
	v.replay()
	look("replayed")
	if r := v.quiet(0); len(r.Notices) > 0 {
		t.Errorf("a night after: %q", r.Notices)
	}
	look("a night later")
}

// Another tenant under the name of an account, or another address, is refused
// before anything is asked, by a night, its plan and a replay, and by a night
// under another name too. A tenant that is named as the same is read from its
// beginning; so is another address, of which the address is enough. An account
// without an order may be corrected freely.
func TestAnotherTenantIsRefused(t *testing.T) {
	slowTest(t)
	v := startVillage(t, "nsw")
	v.sell("n", "N1", "N2")
	v.sell("s", "N1", "S2")
	v.configure("", v.account("a", "n"), v.account("empty", "w"))
	v.quiet(0)
	before, err := os.ReadFile(v.published())
	if err != nil {
		t.Fatal(err)
	}
	place := fmt.Sprintf("%s tenant_id 110", strings.TrimPrefix(v.urls["n"], "http://"))
	for _, accounts := range []string{v.account("a", "s"), v.account("b", "s", "aliases: [a]"), v.account("a", "s", "moved_from: [other.example, \"other.example tenant_id 110\"]")} {
		v.configure("", accounts)
		_, night := v.tryNight(pipeline.Options{NoReport: true})
		_, plan := pipeline.Plan(t.Context(), v.cfg, pipeline.Options{Now: v.clock})
		_, replay := pipeline.Replay(t.Context(), v.cfg, pipeline.Options{Now: v.clock})
		for what, err := range map[string]error{"a night": night, "a plan": plan, "a replay": replay} {
			if moved := (*pipeline.MovedError)(nil); !errors.As(err, &moved) || moved.Account.String() != "soms/a" || !strings.Contains(err.Error(), fmt.Sprintf("write moved_from: [%q]", place)) {
				t.Errorf("%s of %s: %v", what, accounts, err)
			}
		}
	}
	if after, err := os.ReadFile(v.published()); err != nil || string(after) != string(before) {
		t.Errorf("what people see has changed: %v", err)
	}
	if n := v.shops["s"].Requests(); n > 0 {
		t.Errorf("the other tenant was asked %d times", n)
	}

	v.configure("", v.account("a", "s", fmt.Sprintf("moved_from: [%q]", place)))
	v.quiet(0)
	equal(t, "orders", v.read("SELECT account, order_id, deleted_at IS NULL FROM orders"), []string{"a | N1 | true", "a | N2 | false", "a | S2 | true"})
	v.configure("", v.account("a", "s"), v.account("empty", "n"))
	v.quiet(0)
	equal(t, "orders", v.read("SELECT account, order_id FROM orders WHERE deleted_at IS NULL"), []string{"a | N1", "a | S2", "empty | N1", "empty | N2"})

	// The tenant s is at another address now.
	old := v.urls["s"]
	v.urls["s"] = strings.Replace(old, "127.0.0.1", "localhost", 1)
	v.configure("", v.account("a", "s"), v.account("empty", "n"))
	if _, err := v.tryNight(pipeline.Options{NoReport: true}); !errors.As(err, new(*pipeline.MovedError)) {
		t.Errorf("another address: %v", err)
	}
	v.configure("", v.account("a", "s", fmt.Sprintf("moved_from: [%q]", old+"/")), v.account("empty", "n"))
	if r := v.quiet(0); len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "soms/a: base_url ") {
		t.Errorf("notices %q", r.Notices)
	}
	v.wantFresh("at another address")
	v.replay()
	v.wantFresh("replayed")
}

// A month is not closed, unless that is forced, while orders stand in it whose
// account the configuration does not name: they may be there twice.
func TestCloseWithStrangers(t *testing.T) {
	slowTest(t)
	v := startVillage(t, "n")
	v.sell("n", "N1")
	v.configure("", v.account("a", "n"))
	v.quiet(0)
	v.configure("", v.account("b", "n"))
	v.quiet(3)
	april := pipeline.CloseOptions{Options: pipeline.Options{Now: v.clock, By: "chen"}}
	april.Month = v.now.AddDate(0, -1, 0)
	_, err := pipeline.Close(t.Context(), v.cfg, april)
	if refused := (*pipeline.Incomplete)(nil); !errors.As(err, &refused) || !strings.Contains(err.Error(), "soms/a has 1 orders, and the configuration does not name it") {
		t.Errorf("closed with orders that are there twice: %v", err)
	}
}

// The lake has nothing under an earlier name once it is exported again: no file of
// it is left that a reader could take for another account.
func TestLakeOfRenamedAccounts(t *testing.T) {
	slowTest(t)
	v := startVillage(t, "ns")
	v.sell("n", "N1", "N2")
	v.sell("s", "S1")
	lakeDir := t.TempDir()
	accounts := func() []string {
		t.Helper()
		db, err := query.OpenWith(v.published(), query.OpenOptions{AllowFiles: true})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, db)
		if _, err := lake.Export(t.Context(), db, lake.Options{Dir: lakeDir}); err != nil {
			t.Fatal(err)
		}
		return lines(t, db, "SELECT account, count(*) FROM read_parquet('"+lakeDir+"/orders/*/*.parquet') GROUP BY ALL UNION ALL "+
			"SELECT DISTINCT 'version of '||account, 0 FROM read_parquet('"+lakeDir+"/audit/order_versions/*/*.parquet')")
	}
	v.configure("", v.account("a", "n"), v.account("b", "s"))
	v.quiet(0)
	equal(t, "before", accounts(), []string{"a | 2", "b | 1", "version of a | 0", "version of b | 0"})
	v.configure("names: {accounts: {soms/a: North}}\n", v.account("x", "n", "aliases: [a]"), v.account("b", "s"))
	v.quiet(0)
	equal(t, "after", accounts(), []string{"x | 2", "b | 1", "version of x | 0", "version of b | 0"})
	equal(t, "what it is called", v.read("SELECT code, name FROM audit.names WHERE kind = 'account'"), []string{"x | North"})
}
