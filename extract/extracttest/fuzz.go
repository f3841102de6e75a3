package extracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// Fuzzing says what FuzzDecode needs to know of a source.
type Fuzzing struct {
	Driver extract.Driver
	// Config is an account's YAML.
	Config string
	// Minor is the factor from the amounts of the answers to those of the
	// rows: 100 where the answers count fen; 0 is 1.
	Minor int64
	// Reckoned lists, by table, amounts that are reckoned and stand in no
	// answer.
	Reckoned map[string][]string
	// Seeds are more answers, by stream, than those of the document.
	Seeds map[string][]string
	// Lines is set where strings of an answer hold documents themselves, as
	// the lines of a file.
	Lines []string
}

// FuzzDecode feeds the decoder of a source with answers that begin as the
// documented ones in testdata/samples. Whatever the answer,
//
//   - it is decoded, or refused with an extract.Error that repeats none of its
//     texts;
//   - what is decoded is valid JSON for encoding/json too;
//   - each record is counted once, refused or not;
//   - an amount in a row is the worth of a text in the answer;
//   - every text can be staged, and every finding has a field and a reason;
//   - decoding it again gives the same rows.
func FuzzDecode(f *testing.F, z Fuzzing) {
	account := Open(f, z.Driver, z.Config, extract.Env{})
	streams := z.addSeeds(f)
	// One batch for each stream serves all answers of a worker: to make one
	// is slow.
	batches := map[string]*transform.Batch{}
	for _, s := range streams {
		batches[s] = NewBatch(account, s)
	}
	f.Fuzz(func(t *testing.T, stream uint8, orderID, number string, body []byte) {
		page := &extract.Page{
			Stream: streams[int(stream)%len(streams)], Status: 200,
			Subject: extract.Subject{OrderID: strings.ToValidUTF8(orderID, ""), Number: strings.ToValidUTF8(number, "")},
			Body:    body,
		}
		z.check(t, account, page, batches[page.Stream])
	})
}

// addSeeds adds the documented answers, some of them damaged, and returns the
// streams of the source.
func (z *Fuzzing) addSeeds(f *testing.F) []string {
	f.Helper()
	var streams []string
	for _, s := range z.Driver.Streams {
		streams = append(streams, s.Name)
	}
	add := func(stream, orderID, number string, body []byte) {
		i := slices.Index(streams, stream)
		if i < 0 {
			f.Fatalf("a sample of stream %q, which %s does not have", stream, z.Driver.Name)
		}
		f.Add(uint8(i), orderID, number, body)
	}
	found := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "testdata", "samples", z.Driver.Name), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "answer.json" {
			return err
		}
		var page struct {
			Stream  string
			Subject struct {
				OrderID string `yaml:"order_id"`
				Number  string
			}
		}
		about, err := os.ReadFile(filepath.Join(filepath.Dir(path), "page.yaml"))
		if err != nil {
			return err
		}
		if err := yaml.Unmarshal(about, &page); err != nil {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found++
		for _, seed := range damages(body) {
			add(page.Stream, page.Subject.OrderID, page.Subject.Number, seed)
		}
		return nil
	})
	if err != nil || found == 0 {
		f.Fatalf("read the documented answers of %s: %d found, error %v", z.Driver.Name, found, err)
	}
	for stream, bodies := range z.Seeds {
		for _, body := range bodies {
			for _, seed := range damages([]byte(body)) {
				add(stream, "", "", seed)
			}
		}
	}
	return streams
}

var (
	aString = regexp.MustCompile(`: ?"[^"\\]+"`)
	aNumber = regexp.MustCompile(`: ?-?[0-9.]+`)
)

// damages are an answer as it is and with the damages that mutation finds late:
// texts that are no UTF-8, names that stand twice, numbers that fit nowhere.
func damages(body []byte) [][]byte {
	seeds := [][]byte{body}
	with := func(place *regexp.Regexp, n int, text string) {
		at := place.FindAllIndex(body, -1)
		if len(at) == 0 {
			return
		}
		where := at[n%len(at)]
		seeds = append(seeds, slices.Concat(body[:where[0]+1], []byte(text), body[where[1]:]))
	}
	for n := range 3 {
		with(aString, 7*n, "\"\xff\\ud83d\\u0000\"")
		with(aString, 5*n, `{"a":[1,"b"]}`)
		with(aString, 3*n, `"1","order_id":"2","id":"3"`)
		with(aNumber, 7*n, "1e400")
		with(aNumber, 5*n, `"-0.00"`)
		with(aNumber, 3*n, "null")
	}
	return seeds
}

func (z *Fuzzing) check(t *testing.T, account extract.Source, page *extract.Page, batch *transform.Batch) {
	t.Helper()
	before := bytes.Clone(page.Body)
	got, facts, err := z.decode(t, account, page, batch)
	if !bytes.Equal(before, page.Body) {
		t.Fatal("the decoder changed the answer")
	}
	if err != nil {
		var ours *extract.Error
		if !errors.As(err, &ours) {
			t.Errorf("the error is none of the contract: %v", err)
		}
		said := err.Error()
		for _, asked := range []string{page.Subject.OrderID, page.Subject.Number} {
			if asked != "" {
				said = strings.ReplaceAll(said, asked, "…")
			}
		}
		for _, m := range aString.FindAllString(string(page.Body), -1) {
			if text := strings.Trim(m, `: "`); utf8.RuneCountInString(text) > 12 && strings.Contains(said, text) {
				t.Errorf("the error repeats %q of the answer: %v", text, err)
			}
		}
		return
	}
	if len(facts.Keys) > 0 && len(facts.Keys) != facts.Rows {
		t.Errorf("%d keys of %d records", len(facts.Keys), facts.Rows)
	}
	worths, err := z.worths(page)
	if err != nil {
		t.Fatalf("decoded what encoding/json refuses: %v", err)
	}
	z.checkRows(t, got, worths, facts)
	again, _, err := z.decode(t, account, page, batch)
	if err != nil || !got.same(again) {
		t.Errorf("decoded again it gives other rows, error %v", err)
	}
}

// staged are the rows of one answer as they would be staged.
type staged map[string][]Row

func (s staged) same(other staged) bool { return fmt.Sprint(s) == fmt.Sprint(other) }

func (z *Fuzzing) decode(t *testing.T, account extract.Source, page *extract.Page, batch *transform.Batch) (staged, extract.Facts, error) {
	t.Helper()
	batch.Begin(transform.PageOrigin{Ref: "page.jsonl:1", SHA256: "00", Body: page.Body})
	facts, err := account.Decode(page, batch)
	rows := staged{}
	if err := batch.Take(func(table string, rec arrow.RecordBatch) error {
		read, err := textRows(rec)
		for _, row := range read {
			delete(row, transform.ColSeq)
		}
		rows[table] = read
		return err
	}); err != nil {
		t.Fatal(err)
	}
	batch.TakeSums()
	return rows, facts, err
}

func (z *Fuzzing) checkRows(t *testing.T, rows staged, worths map[string]bool, facts extract.Facts) {
	t.Helper()
	records := slices.DeleteFunc(slices.Clone(rows[transform.TableRecords]), func(row Row) bool { return row["is_of_page"] == "true" })
	if n := len(records); n != facts.Rows {
		t.Errorf("%d records were staged of %d", n, facts.Rows)
	}
	for _, row := range records {
		if row["record_key"] == "" && row["is_rejected"] != "true" {
			t.Errorf("a record without a key is not refused: %v", row)
		}
	}
	for _, row := range rows[transform.TableIssues] {
		if row["field"] == "" || row["reason"] == "" {
			t.Errorf("an issue without a field or a reason: %v", row)
		}
	}
	for table, read := range rows {
		if table == transform.TableRecords || table == transform.TableIssues {
			continue
		}
		fields := transform.Def(table).Schema
		for _, row := range read {
			for column, text := range row {
				if !utf8.ValidString(text) {
					t.Errorf("%s.%s is not UTF-8: %q", table, column, text)
				}
				at := fields.FieldIndices(column)
				decimal := len(at) == 1 && arrow.IsDecimal(fields.Field(at[0]).Type.ID())
				if decimal && !slices.Contains(z.Reckoned[table], column) && !worths[worth(text, 1)] {
					t.Errorf("%s.%s is %s, which stands nowhere in the answer", table, column, text)
				}
			}
		}
	}
}

// worth is the value of a decimal text times factor, in its lowest terms; ""
// where text is no decimal or one too long to reckon with.
func worth(text string, factor int64) string {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if e, err := strconv.Atoi(exponent); exponent != "" && (err != nil || e > 999 || e < -999) {
		return ""
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok || strings.Contains(text, "/") {
		return ""
	}
	return v.Mul(v, big.NewRat(1, factor)).RatString()
}

// worths are the values of all texts and numbers of an answer, read by
// encoding/json.
func (z *Fuzzing) worths(page *extract.Page) (map[string]bool, error) {
	factor := max(z.Minor, 1)
	all := map[string]bool{}
	if !json.Valid(page.Body) {
		return nil, errors.New("it is no valid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(page.Body))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			delete(all, "")
			return all, nil
		}
		switch v := token.(type) {
		case json.Number:
			all[worth(string(v), factor)] = true
		case string:
			all[worth(v, factor)] = true
			if slices.Contains(z.Lines, page.Stream) {
				for _, number := range lineNumber.FindAllString(v, -1) {
					all[worth(number, factor)] = true
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

var lineNumber = regexp.MustCompile(`-?[0-9]+`)
