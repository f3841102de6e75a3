package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// reader knows which members of an account's answers its decoder reads: it tries it out.
type reader struct {
	account *config.Account
	known   *known
	shown   map[string]bool // numbers of orders, which stay
	members personal.Members
	read    map[string]bool // by stream and path
	begun   map[string]bool // streams of which a page was looked at
}

// decoded is what came of an answer.
type decoded struct {
	rows    []byte // to be compared: of the policy that drops what is personal
	records []found
	numbers []string // by which its orders are known
	facts   extract.Facts
}

// found is a record of an answer.
type found struct {
	order, pointer string
	identity       string
	counts         bool // it is one of the vendor's
}

// dropped leaves nothing personal in the rows: what nothing else is made of is not read.
var dropped = transform.Privacy{
	Names: transform.Drop, Phones: transform.Drop, Emails: transform.Drop,
	Documents: transform.Drop, Addresses: transform.Drop, Rooms: transform.Drop,
}

// decode decodes a page with another body. Its rows are given where they are to be
// compared.
func (r *reader) decode(p *extract.Page, body []byte, compare bool) (d decoded, err error) {
	settings := r.account.Source.Settings()
	batch := transform.NewBatch(transform.Origin{
		Source: r.account.Driver.Name, Account: r.account.Name, Stream: p.Stream, Calendar: settings.Calendar(),
		Currency: settings.Currency, MemoOnly: r.account.MemoOnly, Privacy: dropped,
	})
	page := *p
	page.Body = body
	batch.Begin(transform.PageOrigin{})
	if d.facts, err = extract.Decode(r.account.Source, &page, batch); err != nil {
		return d, err
	}
	var rows bytes.Buffer
	fmt.Fprintf(&rows, "%d %d %q %q\n", d.facts.Rows, d.facts.Total, d.facts.OddTotal, d.facts.Incomplete)
	err = batch.Take(func(table string, rec arrow.RecordBatch) error {
		if table == transform.TableRecords {
			d.records = recordsOf(rec)
		}
		d.numbers = append(d.numbers, numbersOf(rec)...)
		if !compare {
			return nil
		}
		data, err := rec.MarshalJSON()
		if table == transform.TableIssues && err == nil {
			data, err = withoutParts(data)
		}
		fmt.Fprintf(&rows, "%s %s\n", table, data)
		return err
	})
	d.rows = rows.Bytes()
	return d, err
}

func recordsOf(rec arrow.RecordBatch) []found {
	records := make([]found, rec.NumRows())
	column := func(name string) arrow.Array { return rec.Column(rec.Schema().FieldIndices(name)[0]) }
	text := func(name string, i int) string {
		c, _ := column(name).(*array.String)
		if c.IsNull(i) {
			return ""
		}
		return strings.Clone(c.Value(i))
	}
	is := func(name string, i int) bool {
		c, _ := column(name).(*array.Boolean)
		return !c.IsNull(i) && c.Value(i)
	}
	for i := range records {
		_, pointer, _ := strings.Cut(text(transform.ColLandingRef, i), "#")
		records[i] = found{
			order: text("order_id", i), pointer: pointer, identity: text("record_key", i) + " " + text("text_sha256", i),
			counts: !is("is_of_page", i) && !is("ask_again", i),
		}
	}
	return records
}

// numberColumns hold the ids and numbers by which orders, their payments and their
// deliveries are known.
var numberColumns = []string{
	"order_id", "order_no", "link_ref", "waybill_no", "delivery_id", "stay_id", "flow_no", "external_pay_id", "main_order_id", "sale_order_id",
	"remind_id", "tip_no",
}

func numbersOf(rec arrow.RecordBatch) (numbers []string) {
	for _, name := range numberColumns {
		for _, at := range rec.Schema().FieldIndices(name) {
			column, ok := rec.Column(at).(*array.String)
			for i := 0; ok && i < column.Len(); i++ {
				if column.IsValid(i) && column.Value(i) != "" {
					numbers = append(numbers, strings.Clone(column.Value(i)))
				}
			}
		}
	}
	return numbers
}

// withoutParts leaves out of findings the parts of answers that stood in the place of a
// value: to be quoted there is not to be read.
func withoutParts(data []byte) ([]byte, error) {
	var rows []map[string]any
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if raw, _ := row["raw"].(string); strings.HasPrefix(raw, "{") || strings.HasPrefix(raw, "[") {
			row["raw"] = ""
		}
	}
	return json.Marshal(rows)
}

// safe is an answer of which only what the decoder reads is left as it was.
func (r *reader) safe(p *extract.Page, body []byte) ([]byte, error) {
	if !r.begun[p.Stream] { // what is read is found sooner in one record
		r.begun[p.Stream] = true
		d, err := r.decode(p, body, false)
		if err != nil {
			return nil, err
		}
		if len(d.records) > 1 {
			one, err := cut(body, d.records, func(f found) bool { return f.pointer == d.records[0].pointer }, false)
			if err != nil {
				return nil, err
			}
			if _, err := r.safe(p, one); err != nil {
				return nil, err
			}
		}
	}
	for {
		whole, _, err := r.rewrite(p.Stream, body, nil)
		if err != nil {
			return nil, err
		}
		want, err := r.decode(p, whole, true)
		if err != nil {
			return nil, err
		}
		safe, covered, err := r.rewrite(p.Stream, body, func(path string) bool { return !r.read[p.Stream+" "+path] })
		if err != nil {
			return nil, err
		}
		differs := func(paths []string) bool {
			tried, _, err := r.rewrite(p.Stream, body, func(path string) bool { return slices.Contains(paths, path) })
			if err != nil {
				return true
			}
			got, err := r.decode(p, tried, true)
			return err != nil || !bytes.Equal(got.rows, want.rows)
		}
		if !differs(covered) {
			return safe, nil
		}
		read := culprits(covered, differs)
		if len(read) == 0 { // each by itself changes nothing; they stay covered
			return safe, nil
		}
		for _, path := range read {
			r.read[p.Stream+" "+path] = true
		}
	}
}

// culprits are those of the paths that make a difference by themselves.
func culprits(paths []string, differs func([]string) bool) []string {
	if len(paths) == 0 || !differs(paths) {
		return nil
	}
	if len(paths) == 1 {
		return paths
	}
	half := len(paths) / 2
	return append(culprits(paths[:half:half], differs), culprits(paths[half:], differs)...)
}

// rewrite replaces what is personal, and the members that cover says; covered are those.
func (r *reader) rewrite(stream string, body []byte, cover func(path string) bool) (out []byte, covered []string, err error) {
	paths := map[string]bool{}
	v := visitor{members: r.members, name: r.known.scrubbed, scalar: func(path string, _ []string, s string, hidden bool) string {
		switch {
		case hidden:
			return r.known.hidden(s)
		case r.shown[s], isPlain(path, s):
			return s
		case cover != nil && cover(path):
			paths[path] = true
			return r.known.hidden(s)
		}
		return r.known.scrubbed(s)
	}}
	if out, err = v.document(body); err != nil {
		return nil, nil, fmt.Errorf("read an answer of %s: %w", stream, err)
	}
	return out, slices.Sorted(maps.Keys(paths)), nil
}

// plainMembers say outside of the records how a list is cut and whether an answer is one:
// no document has anything of a person there. Only small numbers of theirs stay.
var plainMembers = []string{"code", "total", "page", "page_no", "pageNo", "page_size", "pageSize", "page_count", "size", "first_line"}

func isPlain(path, s string) bool {
	const small = 6 // digits
	name := path[strings.LastIndexByte(path, '/')+1:]
	return slices.Contains(plainMembers, name) && !strings.Contains(path, "/*") && len(s) <= small && strings.Trim(s, "0123456789") == ""
}

// learn notes who is named in an answer, and the Chinese characters in it.
func learn(body []byte, members personal.Members, know func(value string), written map[rune]bool) error {
	v := visitor{members: members, name: func(name string) string { return name }, scalar: func(_ string, keys []string, s string, hidden bool) string {
		for _, r := range s {
			written[r] = true
		}
		if hidden && len(keys) > 0 && personal.Names(keys[len(keys)-1]) {
			know(s)
		}
		return s
	}}
	_, err := v.document(body)
	return err
}
