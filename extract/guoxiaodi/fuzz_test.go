package guoxiaodi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/transform"
)

const fuzzedAccount = "account: courier\nbase_url: https://courier.example\nauth: {kind: none}\n"

// csvRegister is a register as a spreadsheet writes it: a mark at its start,
// a quoted line break, a blank line, a column that is not read.
const csvRegister = "\xef\xbb\xbforderNo,sourceOrderNo,payFee,beforePreferentialFee,note,timeCreateOrder\r\n" +
	"ON1,XF1,1700,1800,\"second\nfloor, \"\"back\"\"\",1607929171334\r\n\r\n" +
	"ON2,XF2,-5,1e2,,10021414\r\n,XF3,,,,\r\nON4,XF4,1,2\r\nON5,\"XF5,3,4,,1607929171"

func courierFuzzing() extracttest.Fuzzing {
	return extracttest.Fuzzing{
		Driver: guoxiaodi.Driver(), Config: fuzzedAccount + "register: [r.csv]\n",
		Minor: 100, // amounts are texts of fen (docs/sources/guoxiaodi.md, Fields)
		Lines: []string{"register", "notifications"},
	}
}

func FuzzDecode(f *testing.F) {
	z := courierFuzzing()
	z.Seeds = map[string][]string{
		"register": {`{"file":"r.csv","format":"csv","header":"orderNo,payFee","first_line":2,"lines":["ON1,1700","ON2","\"","ON3,1,2",""]}`},
		"notifications": {
			`{"file":"courier/2025-03-11.jsonl","first_line":1,"lines":["{\"at\":\"2025-03-11T07:05:42Z\",\"body\":{\"orderNo\":\"ON1\",\"expressStatus\":\"CANCELED\",\"cancelDeductionsAmount\":\"300\",\"happenTime\":1741659037}}","{"]}`,
		},
		"status": {`{"code":0,"ok":true,"data":{"orderNo":"ON1","accountNo":"GXD","expressStatus":"REASSIGN"}}`, `{"code":50,"ok":false,"data":null}`},
		"tips":   {`{"code":0,"data":{"orderNo":"ON1","totalTipFee":"300","totalTipCount":"2","tipList":[{"tipNo":"T1","tipFee":"100","createTime":"1607929171"},{"tipFee":200}]}}`},
	}
	extracttest.FuzzDecode(f, z)
}

// FuzzRegister reads a whole file of the register. Whatever is in it, each
// line that is not blank becomes one record of one page, with the text as it
// stands in the file; or the file as a whole is one that is refused.
func FuzzRegister(f *testing.F) {
	dir := f.TempDir()
	accounts := map[bool]extract.Source{}
	for asCSV, name := range map[bool]string{false: "r.jsonl", true: "r.csv"} {
		accounts[asCSV] = extracttest.Open(f, guoxiaodi.Driver(), fuzzedAccount+"register: ["+name+"]\n", extract.Env{Dir: dir, Clock: func() time.Time { return time.Now().Add(time.Hour) }})
	}
	f.Add(csvRegister, true)
	f.Add("sep=;\rorder_no;PayFee\r\r\n;;\r1;2;;\n3", true)
	f.Add("\xff\xfeo\x00r\x00", true)
	f.Add("orderNo\nON1\n\"ON2\nON3\n", true)
	f.Add("sourceOrderNo,orderNo,orderNo\n1,2,3\n", true)
	f.Add(`{"orderNo":"ON1","payFee":"1700"}`+"\n\n"+`{"code":0,"ok":true,"data":{"orderNo":"ON2","sourceOrderNo":"XF2","payFee":1e2}}`+"\r\n"+`{"code":1,"data":null}`+"\n[]\n{\"orderNo\":\"ON", false)
	for _, sample := range documentedLines(f) {
		f.Add(sample+"\n", false)
	}
	batch := extracttest.NewBatch(accounts[true], "register")
	f.Fuzz(func(t *testing.T, text string, asCSV bool) {
		name := map[bool]string{false: "r.jsonl", true: "r.csv"}[asCSV]
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var pages []*extract.Page
		rows := 0
		err := accounts[asCSV].Fetch(t.Context(), extract.Window{Stream: "register"}, func(p *extract.Page) (extract.Facts, error) {
			batch.Begin(transform.PageOrigin{Ref: "register.jsonl:1", SHA256: "00"})
			facts, err := accounts[asCSV].Decode(p, batch)
			pages = append(pages, p)
			rows += facts.Rows
			return facts, err
		})
		if records := recordsIn(t, batch); records != rows {
			t.Errorf("%d records were staged of %d lines", records, rows)
		}
		if err != nil {
			t.Errorf("a register of any text can be read: %v", err)
		}
		checkRegister(t, text, asCSV, pages, rows)
	})
}

// recordsIn empties batch and counts its records.
func recordsIn(t *testing.T, batch *transform.Batch) (n int) {
	t.Helper()
	err := batch.Take(func(table string, rec arrow.RecordBatch) error {
		if table == transform.TableRecords {
			n += int(rec.NumRows())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// documentedLines are the lines of the register in the vendor's samples.
func documentedLines(f *testing.F) []string {
	f.Helper()
	answers, err := filepath.Glob("../../testdata/samples/guoxiaodi/*/*/answer.json")
	if err != nil {
		f.Fatal(err)
	}
	var all []string
	for _, path := range answers {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var page struct {
			Format string
			Lines  []string
		}
		if err := json.Unmarshal(body, &page); err != nil {
			f.Fatal(err)
		}
		if page.Format == "jsonl" {
			all = append(all, page.Lines...)
		}
	}
	if len(all) == 0 {
		f.Fatal("no sample of the register was found")
	}
	return all
}

// checkRegister compares what was read with the lines of the file.
func checkRegister(t *testing.T, text string, asCSV bool, pages []*extract.Page, rows int) {
	t.Helper()
	if !utf8.ValidString(text) || strings.Contains(text, "\x00") { // in which encoding it is, is not checked here
		return
	}
	physical := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	for i, line := range physical {
		physical[i] = strings.TrimPrefix(line, "\ufeff")
	}
	read := make([]bool, len(physical))
	for _, page := range pages {
		var p struct {
			FirstLine int `json:"first_line"`
			Lines     []string
			Fault     string
		}
		if err := json.Unmarshal(page.Body, &p); err != nil {
			t.Fatal(err)
		}
		if p.Fault != "" && asCSV && rows == 1 && len(pages) == 1 {
			return
		}
		at := p.FirstLine - 1
		for _, line := range p.Lines {
			for part := range strings.SplitSeq(line, "\n") {
				if at >= len(physical) || read[at] || part != physical[at] {
					t.Fatalf("line %d was read as %q, of the file %q", at+1, part, physical)
				}
				read[at] = true
				at++
			}
			rows--
		}
	}
	if rows != 0 {
		t.Errorf("%d records more than lines", rows)
	}
	nothing := " "
	if asCSV {
		nothing = ",;\t\" \u00a0\u3000"
	}
	begun := !asCSV // the header of a CSV comes first, and can have several lines
	for i, line := range physical {
		begun = begun || read[i]
		if begun && !read[i] && strings.Trim(strings.TrimSpace(line), nothing) != "" {
			t.Errorf("line %d was not read: %q", i+1, line)
		}
	}
}
