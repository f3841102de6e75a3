package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// vendor is a list of orders 0 to n−1, newest last, served in one of the ways in
// which vendors do.
type vendor struct {
	n           int
	base        int  // the number of the first page
	zeroIsOne   bool // page 0 is page 1 again
	refusesZero bool
	cap         int  // most records of a page; 0 is no cap
	byAsked     bool // pages are counted by the size asked for, whatever is given
	total       string
	lastRepeats bool // a page beyond the end is the last one again
	noPaging    bool // every page is the first one
}

func (v vendor) page(number, size int) (rows []int, total int64, err error) {
	if v.refusesZero && number < v.base {
		return nil, 0, &extract.Error{Class: extract.Permanent, Answered: true, Err: errors.New("there is no such page")}
	}
	if v.zeroIsOne && number == 0 {
		number = 1
	}
	given := size
	if v.cap > 0 {
		given = min(size, v.cap)
	}
	step := given
	if v.byAsked {
		step = size
	}
	i := number - v.base
	if v.noPaging {
		i = 0
	}
	if v.lastRepeats && i*step >= v.n && v.n > 0 {
		i = (v.n - 1) / step
	}
	if i >= 0 {
		for k := i * step; k < min(i*step+given, v.n); k++ {
			rows = append(rows, k)
		}
	}
	switch v.total {
	case "all":
		total = int64(v.n)
	case "page":
		total = int64(len(rows))
	default:
		total = -1
	}
	return rows, total, nil
}

// model is an account of a vendor.
type model struct {
	extract.Source
	vendor
	first, size int
}

type answer struct {
	Rows  []int
	Total int64
}

func (m *model) Questions() []byte {
	return []byte("use: [first_page, page_size, joins, total, order]\nquestions: []\n")
}

func (m *model) Probe(ctx context.Context, s *Session) error {
	_, err := s.Pages(ctx, List{First: m.first, Size: m.size, Read: func(_ context.Context, number, size int) (*extract.Page, error) {
		rows, total, err := m.page(number, size)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(answer{rows, total})
		return &extract.Page{Stream: "orders", Body: body, Status: 200}, err
	}})
	return err
}

func (m *model) Decode(p *extract.Page, _ *transform.Batch) (extract.Facts, error) {
	var a answer
	if err := json.Unmarshal(p.Body, &a); err != nil {
		return extract.Facts{}, err
	}
	f := extract.Facts{Total: a.Total}
	for _, r := range a.Rows {
		f.Count(strconv.Itoa(r))
	}
	return f, nil
}

func landNowhere(*extract.Page) (ref, sha256 string, described func(extract.Facts, error) error, err error) {
	return "", "", func(extract.Facts, error) error { return nil }, nil
}

func probed(t *testing.T, m *model) map[string]Answer {
	t.Helper()
	s, err := NewSession(m, transform.Origin{}, landNowhere, NewCalls(40, 1000))
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Answer{}
	for _, a := range list {
		all[a.Question] = a
	}
	return all
}

// TestPages asks vendors of every combination of the ways in which lists are
// served: what is told as proven must be so, and where the night as it is
// configured would lose orders of a list of two pages and more, it is told.
func TestPages(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 9, 10, 11, 20, 21, 25, 50} {
		for _, v := range []vendor{
			{base: 0}, {base: 1}, {base: 1, zeroIsOne: true}, {base: 1, refusesZero: true}, {base: 1, noPaging: true},
		} {
			for _, limit := range []int{0, 4, 7, 10} {
				for _, byAsked := range []bool{false, true} {
					for _, total := range []string{"all", "page", "none"} {
						for _, repeats := range []bool{false, true} {
							for _, first := range []int{0, 1} {
								v := v
								v.n, v.cap, v.byAsked, v.total, v.lastRepeats = n, limit, byAsked, total, repeats
								t.Run(fmt.Sprintf("%+v first %d", v, first), func(t *testing.T) {
									m := &model{vendor: v, first: first, size: 10}
									m.verify(t, probed(t, m))
								})
							}
						}
					}
				}
			}
		}
	}
}

func (m *model) verify(t *testing.T, told map[string]Answer) {
	t.Helper()
	expect := func(question, outcome string, holds bool) {
		t.Helper()
		if a := told[question]; a.Outcome == outcome && !holds {
			t.Errorf("%s: told %q, which is wrong: %s", question, outcome, a.Say.EN)
		}
	}
	expect("first_page", "as_taken", m.base == m.first)
	expect("first_page", "other", m.base != m.first)
	expect("first_page", "zero", m.base == 0)
	expect("page_size", "honoured", m.cap == 0 || m.cap >= m.size)
	expect("page_size", "ignored", false)
	expect("page_size", "capped", m.cap > 0 && m.cap < m.size)
	if a := told["page_size"]; a.Outcome == "capped" && a.Set["page_size"] != strconv.Itoa(m.cap) {
		t.Errorf("the cap is %d, and page_size is set to %s", m.cap, a.Set["page_size"])
	}
	expect("joins", "gap", m.byAsked && m.cap > 0 && m.cap < m.size)
	expect("joins", "joined", !m.byAsked || m.cap == 0 || m.cap >= m.size)
	expect("total", "all", m.total == "all")
	expect("total", "page", m.total == "page")
	expect("total", "none", m.total == "none")
	expect("order", "moves", false)
	if m.noPaging || m.n < 2*m.size+m.size {
		return
	}
	// There is enough to see: what would lose orders is told.
	if m.base != m.first && told["first_page"].Outcome != "other" {
		t.Errorf("pages begin at %d and are asked for from %d on, and it is told that %s", m.base, m.first, told["first_page"].Say.EN)
	}
	if m.byAsked && m.cap > 0 && m.cap < m.size && told["joins"].Outcome != "gap" {
		t.Errorf("pages leave gaps, and it is told that %s", told["joins"].Say.EN)
	}
}
