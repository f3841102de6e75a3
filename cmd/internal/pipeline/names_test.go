package pipeline_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

func TestScratchSwap(t *testing.T) {
	v := startVillage(t, "ns")
	v.sell("n", "N1", "N2", "X1")
	v.sell("s", "S1", "S2", "X1")
	v.configure("", v.account("a", "n"), v.account("b", "s"))
	book := v.night(pipeline.Options{}).Workbook
	v.comment(book, map[string]string{"N1": "about N1", "S1": "about S1"})
	v.closeApril()
	t.Log(v.comments(), v.closed())
	// a -> x
	v.configure("", v.account("x", "n", "aliases: [a]"), v.account("b", "s"))
	v.quiet(0)
	v.configure("", v.account("x", "n"), v.account("a", "s", "aliases: [b]"))
	v.quiet(0)
	v.configure("", v.account("b", "n", "aliases: [x]"), v.account("a", "s"))
	v.quiet(0)
	t.Log(v.comments(), v.closed())
	v.wantFresh("swapped")
	v.replay()
	v.wantFresh("replayed")
	t.Log(v.comments(), v.closed())
	v.comment(book, map[string]string{"N2": "about N2", "S2": "about S2"})
	t.Log(v.comments(), v.closed())
	v.replay()
	t.Log(v.comments(), v.closed())
	v.quiet(0)
}

func TestScratchMerge(t *testing.T) {
	v := startVillage(t, "nsw")
	v.sell("n", "N1", "N2")
	v.sell("s", "S1", "S2")
	v.sell("w", "N1", "N2", "S1", "S2")
	v.configure("", v.account("a", "n"), v.account("b", "s"))
	book := v.night(pipeline.Options{}).Workbook
	v.comment(book, map[string]string{"N1": "about N1", "S1": "about S1"})
	v.closeApril()
	t.Log(v.comments(), v.closed())
	v.configure("", v.account("c", "w", "aliases: [a, b]"))
	_, err := v.tryNight(pipeline.Options{NoReport: true})
	t.Log(err)
	from := "moved_from: [\"" + v.urls["n"] + " tenant_id 110\", \"" + v.urls["s"] + " tenant_id 115\"]"
	v.configure("", v.account("c", "w", "aliases: [a, b]", from))
	r := v.quiet(0)
	t.Log(r.Notices)
	t.Log(v.comments(), v.closed())
	v.wantFresh("merged")
	v.replay()
	v.wantFresh("replayed")
	t.Log(v.comments(), v.closed())
	// split again
	v.configure("", v.account("a", "n", "aliases: [c]", "moved_from: [\""+v.urls["w"]+" tenant_id 119\"]"), v.account("b", "s", "split_from: [c]"))
	r = v.quiet(0)
	t.Log(r.Notices)
	t.Log(v.comments(), v.closed())
	v.wantFresh("split")
	v.replay()
	v.wantFresh("replayed")
	t.Log(v.comments(), v.closed())
}

func TestScratchOtherTenant(t *testing.T) {
	v := startVillage(t, "ns")
	v.sell("n", "N1", "N2")
	v.sell("s", "S1", "S2")
	v.configure("", v.account("a", "n"))
	v.quiet(0)
	v.configure("", v.account("a", "s"))
	_, err := v.tryNight(pipeline.Options{NoReport: true})
	t.Log(err)
	_, err = pipeline.Replay(t.Context(), v.cfg, pipeline.Options{Now: v.clock})
	t.Log(err)
	v.configure("", v.account("a", "s", "moved_from: [\""+v.urls["n"]+" tenant_id 110\"]"))
	r := v.quiet(0)
	t.Log(r.Notices, v.read("select account, order_id, deleted_at from orders"))
}
