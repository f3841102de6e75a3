package pipeline_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// chaos stands before the vendors and spoils one answer in fifty.
type chaos struct {
	mu   sync.Mutex
	calm bool // nothing is spoiled
	dice map[string]*rand.Rand
	// spared counts the calls of a source that are answered well after a fault
	// that passes: more than one log-in and the call itself again.
	spared map[string]int
	// refused are the orders, as source/id, that the vendor does not show
	// tonight however often it is asked.
	refused map[string]bool
	// harmed is what was done tonight that does not pass, by source and order;
	// "must …" has to be named with its order.
	harmed  map[string]map[string]string
	passing map[string][]string
	known   map[string]bool // what the warehouse has held
	moving  map[string]bool // orders that came tonight while the vendor was read
	drift   func(source string)
	done    map[string]int // how often each fault was given
}

func newChaos(seed uint64) *chaos {
	c := &chaos{dice: diceOf(seed), known: map[string]bool{}, done: map[string]int{}}
	c.begin()
	return c
}

// begin forgets the night before.
func (c *chaos) begin() {
	c.spared, c.refused = map[string]int{}, map[string]bool{}
	c.harmed, c.passing = map[string]map[string]string{}, map[string][]string{}
}

func (c *chaos) harm(source, id, what string) {
	if c.harmed[source] == nil {
		c.harmed[source] = map[string]string{}
	}
	c.harmed[source][id] = what
	kind, _, _ := strings.Cut(strings.TrimPrefix(what, "must be named: "), ":")
	c.done[kind]++
}

// passingFaults are given once: what is asked again is answered.
var passingFaults = []struct {
	name   string
	status int
	header http.Header
	body   string
}{
	{name: "HTML with 200", body: "<html>one moment</html>", header: http.Header{"Content-Type": {"text/html"}}},
	{name: "nothing with 200"},
	{name: "wrong envelope", body: `{"status":"ok"}`},
	{name: "500", status: 500, body: "Internal Server Error"},
	{name: "502", status: 502, body: "<html>bad gateway</html>"},
	{name: "429", status: 429, header: http.Header{"Retry-After": {"1"}}},
	{name: "401", status: 401},
	{name: "403", status: 403, body: "<html>forbidden</html>"},
	{name: "404", status: 404, body: "<html>not found</html>"},
}

// before is a vendor behind chaos.
func (c *chaos) before(source string, vendor http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(asked))
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.calm && c.spoilt(w, source, r.URL.Path, r.URL.RawQuery+" "+string(asked)) {
			return
		}
		if !c.calm && c.dice[source].IntN(100) == 0 {
			c.drift(source)
		}
		answer := httptest.NewRecorder()
		vendor.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		if !c.calm && c.spared[source] == 0 && c.dice[source].IntN(100) == 0 {
			body = c.damage(source, body)
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// spoilt answers instead of the vendor, one time in a hundred; the other one in
// fifty is a damaged answer.
func (c *chaos) spoilt(w http.ResponseWriter, source, path, asked string) bool {
	id := askedFor(source, path, asked)
	if id != "" && c.refused[source+"/"+id] {
		refuse(w, source)
		return true
	}
	if c.spared[source] > 0 {
		c.spared[source]--
		return false
	}
	dice := c.dice[source]
	if dice.IntN(100) > 0 {
		return false
	}
	if id != "" && dice.IntN(2) == 0 {
		c.refused[source+"/"+id] = true
		c.harm(source, id, "must be named: refused: one order")
		refuse(w, source)
		return true
	}
	f := passingFaults[dice.IntN(len(passingFaults))]
	c.spared[source] = 3
	c.passing[source] = append(c.passing[source], f.name)
	c.done[f.name]++
	for name, values := range f.header {
		w.Header()[name] = values
	}
	if f.status != 0 {
		w.WriteHeader(f.status)
	}
	_, _ = io.WriteString(w, f.body)
	return true
}

var (
	tuyaOrder = regexp.MustCompile(`"order_id":"(\d+)"`)
	courierNo = regexp.MustCompile(`"orderNo":"(ON\d+)"`)
)

// askedFor is the order that a call by id asks for, as the warehouse names it.
func askedFor(source, path, asked string) string {
	var in *regexp.Regexp
	switch {
	case source == "tuya" && strings.HasSuffix(path, "/get"), source == "akubela" && strings.Contains(asked, "info"):
		in = tuyaOrder
	case source == "guoxiaodi" && strings.HasSuffix(path, "query-status"):
		in = courierNo
	default:
		return ""
	}
	if found := in.FindStringSubmatch(asked); found != nil {
		return found[1]
	}
	return ""
}

// refuse is how each vendor says that it does not show an order, in a way that
// no document explains.
func refuse(w http.ResponseWriter, source string) {
	switch source {
	case "tuya":
		_, _ = io.WriteString(w, `{"success":false,"code":500,"msg":"system error","t":1775761200000}`)
	case "akubela":
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case "guoxiaodi":
		_, _ = io.WriteString(w, `{"code":777,"msg":"","data":null,"ok":false,"fail":true}`)
	}
}

// lists is where an answer of a source keeps its orders and what stands for the
// total, and the member that is an order's id.
var lists = map[string]struct{ path, id, total string }{
	"tuya":      {"result.data", "order_id", `"total":`},
	"akubela":   {"result", "order_id", ""},
	"soms":      {"orders", "id", `"total":`},
	"starhotel": {"data.list", "order_id", `"total":`},
}

// damage spoils a record or the total of an answer.
func (c *chaos) damage(source string, body []byte) []byte {
	l, ok := lists[source]
	if !ok {
		return body
	}
	if c.dice[source].IntN(5) == 0 {
		c.spared[source] = 3
		c.passing[source] = append(c.passing[source], "ends early")
		c.done["ends early"]++
		return body[:len(body)/2]
	}
	rows := recordsAt(body, strings.Split(l.path, "."))
	dice := c.dice[source]
	if l.total != "" && dice.IntN(3) == 0 && len(rows) > 0 {
		return c.spoilTotal(source, l.total, body, len(rows))
	}
	if len(rows) == 0 {
		return body
	}
	row := rows[dice.IntN(len(rows))]
	id := idOf(row, l.id)
	how := []struct{ name, from, to string }{
		{"line break in a text", `"20`, "\"\n20"},
		{"lone surrogate", `"801"`, `"80\ud800"`},
		{"NaN", `:5.00`, `:NaN`},
		{"NaN", `:10.00`, `:NaN`},
		{"NaN", `"300.00"`, `NaN`},
	}
	h := how[dice.IntN(len(how))]
	spoilt := strings.Replace(string(row), h.from, h.to, 1)
	if dice.IntN(6) == 0 {
		h.name, spoilt = "line break in an id", strings.Replace(string(row), `"`+id+`"`, "\"\n"+id+`"`, 1)
	}
	if spoilt == string(row) || id == "" {
		return body
	}
	c.harm(source, id, h.name)
	return bytes.Replace(body, row, []byte(spoilt), 1)
}

func (c *chaos) spoilTotal(source, name string, body []byte, rows int) []byte {
	before, after, ok := bytes.Cut(body, []byte(name))
	if !ok {
		return body
	}
	after = bytes.TrimLeft(after, "0123456789")
	total := []string{"null", "-3", "20.5", "0", strconv.Itoa(rows)}[c.dice[source].IntN(5)]
	c.harm(source, "", "total: "+total)
	return bytes.Join([][]byte{before, []byte(name + total), after}, nil)
}

// recordsAt are the elements of the array at a path, as they stand in body.
func recordsAt(body []byte, path []string) []json.RawMessage {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil {
			return nil
		}
		body = object[name]
	}
	var rows []json.RawMessage
	if json.Unmarshal(body, &rows) != nil {
		return nil
	}
	return rows
}

func idOf(row json.RawMessage, name string) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(row, &object) != nil {
		return ""
	}
	return strings.Trim(string(object[name]), `"`)
}
