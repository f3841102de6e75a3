package sim

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// everything are the parts of an order that the simulator holds.
var everything = []string{"items", "paymentDetails", "invoiceDetails", "prom"}

// documentedParts are the parts that the calls for many orders take
// (SOMS interface document, 1.1.9.2, 1.1.13.2), moreParts those of the single order besides.
var (
	documentedParts = []string{"items", "item.details", "paymentDetails", "invoiceDetails", "printBills", "prom", "exceptions", "waybill.printinfo"}
	moreParts       = []string{"crm", "logs", "item.change.records"}
)

func readParts(r *http.Request, known ...string) ([]string, error) {
	text := r.URL.Query().Get("parts")
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	for _, p := range parts {
		if !slices.Contains(known, p) {
			return nil, bad("there is no part %q", p)
		}
	}
	return parts, nil
}

func complete(parts []string) bool {
	for _, p := range everything {
		if !slices.Contains(parts, p) {
			return false
		}
	}
	return true
}

// render writes the order with the parts asked for.
func (e *entry) render(parts []string) ([]byte, error) {
	if complete(parts) {
		return e.body, nil
	}
	var o Order
	if err := json.Unmarshal(e.body, &o); err != nil {
		return e.body, nil // a Raw answer that breaks the document is answered as it is
	}
	with := func(part string) bool { return slices.Contains(parts, part) }
	if !with("items") {
		o.Items = nil
	}
	if !with("paymentDetails") && o.Payment != nil {
		o.Payment.Details = nil
	}
	if !with("invoiceDetails") && o.Invoice != nil {
		o.Invoice.Details = nil
	}
	if !with("prom") {
		o.Promotion = nil
		for i := range o.Items {
			o.Items[i].Promotion = nil
		}
	}
	return json.Marshal(&o)
}

func (v *Vendor) appendOrders(out []byte, list []*entry, parts []string) ([]byte, error) {
	if size := max(v.o.Padding, 2048) * len(list); cap(out) < size {
		out = append(make([]byte, 0, size+size/8), out...)
	}
	for i, e := range list {
		if i > 0 {
			out = append(out, ',')
		}
		body, err := e.render(parts)
		if err != nil {
			return nil, err
		}
		out = v.padding.append(out, body, v.o.Padding)
	}
	return out, nil
}

func write(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, err := w.Write(body)
	return err
}

func (v *Vendor) answerList(w http.ResponseWriter, list []*entry, parts []string) error {
	empty := "false"
	if len(list) == 0 {
		empty = "true"
	}
	out, err := v.appendOrders([]byte(`{"orders":[`), list, parts)
	if err != nil {
		return err
	}
	return write(w, append(out, `],"empty":`+empty+`}`...))
}

// lookup lists the orders with the ids, in their sequence; ids compare
// case-sensitively and unknown ones are left out.
func (v *Vendor) lookup(ids []string) []*entry {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var list []*entry
	for _, id := range ids {
		if e := v.orders[id]; e != nil {
			list = append(list, e)
		}
	}
	return list
}

func (v *Vendor) ordersByIDs(w http.ResponseWriter, r *http.Request) error {
	parts, err := readParts(r, documentedParts...)
	if err != nil {
		return err
	}
	var body struct {
		IDs []string `json:"ids"`
	}
	if err := readBody(r, &body); err != nil {
		return err
	}
	if len(body.IDs) == 0 {
		return bad("ids are required")
	}
	return v.answerList(w, v.lookup(body.IDs), parts)
}

func (v *Vendor) getOrders(w http.ResponseWriter, r *http.Request) error {
	parts, err := readParts(r, documentedParts...)
	if err != nil {
		return err
	}
	ids := r.URL.Query()["id"]
	if len(ids) == 0 || len(ids) > 100 {
		return bad("id is required, 100 at most")
	}
	return v.answerList(w, v.lookup(ids), parts)
}

func (v *Vendor) getSaleOrder(id string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		parts, err := readParts(r, documentedParts...)
		if err != nil {
			return err
		}
		v.mu.RLock()
		var list []*entry
		for _, e := range v.orders {
			if e.saleOrderID == id {
				list = append(list, e)
			}
		}
		v.mu.RUnlock()
		slices.SortFunc(list, func(a, b *entry) int { return strings.Compare(a.id, b.id) })
		return v.answerList(w, list, parts)
	}
}

func (v *Vendor) getOrder(id string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		parts, err := readParts(r, append(slices.Clone(documentedParts), moreParts...)...)
		if err != nil {
			return err
		}
		list := v.lookup([]string{id})
		if list == nil {
			return &failure{http.StatusNotFound, "404", "no such order"}
		}
		out, err := v.appendOrders(nil, list, parts)
		if err != nil {
			return err
		}
		return write(w, out)
	}
}

func (v *Vendor) getRemind(id string) handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		v.mu.RLock()
		m, ok := v.reminds[id]
		v.mu.RUnlock()
		if !ok {
			return &failure{http.StatusNotFound, "404", "no such reminder"}
		}
		out, err := json.Marshal(m)
		if err != nil {
			return err
		}
		return write(w, out)
	}
}

// unloaded are the members of the document's sample order that Order does
// not have, as the document writes them.
//
//go:embed unloaded.json
var unloaded []byte

// padding fills orders up to a size with documented members.
type padding struct {
	members []string // `,"name":value`, largest first
	change  string   // one record of item_change_records, the bulk of the sample
	fill    string
}

func newPadding() *padding {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(unloaded, &members); err != nil {
		panic("sim: unloaded.json: " + err.Error())
	}
	p := &padding{fill: strings.Repeat("容错信息 ", 4096)}
	var changes []json.RawMessage
	if err := json.Unmarshal(members["item_change_records"], &changes); err != nil {
		panic("sim: unloaded.json: item_change_records: " + err.Error())
	}
	p.change = string(changes[0])
	delete(members, "item_change_records")
	for name, value := range members {
		p.members = append(p.members, `,"`+name+`":`+string(value))
	}
	slices.SortFunc(p.members, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return p
}

// append adds body to out, filled up to size bytes where it is smaller. The
// last member is one of text, cut at a character's boundary.
func (p *padding) append(out, body []byte, size int) []byte {
	const open, closing = `,"fault_tolerant_info":"`, `"}`
	missing := size - len(body)
	if missing < len(open)+len(closing) || len(body) == 0 || body[len(body)-1] != '}' {
		return append(out, body...)
	}
	out = append(out, body[:len(body)-1]...)
	for _, m := range p.members {
		if len(m)+len(open)+len(closing) <= missing {
			out = append(out, m...)
			missing -= len(m)
		}
	}
	for n, next := 0, `,"item_change_records":[`; ; n, next = n+1, "," {
		if need := len(next) + len(p.change) + len("]") + len(open) + len(closing); need > missing {
			if n > 0 {
				out, missing = append(out, ']'), missing-1
			}
			break
		}
		out = append(append(out, next...), p.change...)
		missing -= len(next) + len(p.change)
	}
	out = append(out, open...)
	for missing -= len(open) + len(closing); missing > 0; {
		n := min(missing, len(p.fill))
		for n > 0 && n < len(p.fill) && p.fill[n]&0xC0 == 0x80 {
			n--
		}
		if n == 0 {
			break
		}
		out = append(out, p.fill[:n]...)
		missing -= n
	}
	return append(out, closing...)
}
