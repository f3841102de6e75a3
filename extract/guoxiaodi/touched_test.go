package guoxiaodi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

// issues lists issues as "field: reason (raw)".
func issues(list []extracttest.Issue) (texts []string) {
	for _, i := range list {
		texts = append(texts, fmt.Sprintf("%s: %s (%s)", i.Field, i.Reason, i.Raw))
	}
	return texts
}

// twoOrders is a courier that knows Y1 and Y2.
var twoOrders = sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y2", "X2")}}

// The files of testdata/register hold the same two orders, as the programs of
// people save them: lines that end with CR, UTF-16, GBK, other separators and
// headings, rows without their empty cells.
func TestFilesThatPeopleTouched(t *testing.T) {
	files, err := filepath.Glob("testdata/register/*")
	if err != nil || len(files) != 12 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := open(t, twoOrders, withRegister, map[string]string{filepath.Base(path): string(body)})
			night := c.night(t, extract.Plan{})
			if got := fmt.Sprint(nets(night)); got != "map[Y1:14.0000 Y2:9.0000]" {
				t.Errorf("read %s", got)
			}
			for _, o := range night.Streams["register"]["deliveries"] {
				if o["link_ref"] != strings.Replace(o["order_id"], "Y", "X", 1) {
					t.Errorf("%s is of the shop's order %q", o["order_id"], o["link_ref"])
				}
			}
			if got := append(issues(night.Findings), issues(night.Rejects)...); len(got) != 0 {
				t.Errorf("issues %q", got)
			}
		})
	}
}

// A number of which a spreadsheet kept fifteen digits stands for several
// orders: the row is refused, with the number as it stands there. One that is
// only long, or has an E within, is a number.
func TestNumbersThatASpreadsheetDamaged(t *testing.T) {
	const reason = ": a spreadsheet has damaged the number"
	for _, c := range []struct {
		name, file, text string
		nets             string
		rejects          []string // field, raw
		findings         []string
	}{
		{"in scientific notation", "a.csv", "orderNo,payFee\n6.92026E+15,100\n6.92026E+15,200\nY1,300\n", "map[Y1:3.0000]", []string{"orderNo 6.92026E+15", "orderNo 6.92026E+15"}, nil},
		{"with a decimal comma", "a.csv", "orderNo;payFee\n6,92026E+15;100\n", "map[]", []string{"orderNo 6,92026E+15"}, nil},
		{"zeros after the fifteenth digit", "a.csv", "orderNo,payFee\n692026001234567000,100\n692026001234567890,100\n69202600123456000,100\n", "map[69202600123456000:1.0000 692026001234567890:1.0000]", []string{"orderNo 692026001234567000"}, nil},
		{"a float", "a.csv", "orderNo,payFee\n692026001234567.0,100\n", "map[]", []string{"orderNo 692026001234567.0"}, nil},
		{"the shop's number alone", "a.csv", "orderNo,sourceOrderNo,payFee\n,6.92026E+15,100\n", "map[]", []string{"sourceOrderNo 6.92026E+15"}, nil},
		{"the shop's number beside the courier's", "a.csv", "orderNo,sourceOrderNo,payFee\nY1,6.92026E+15,100\n", "map[Y1:1.0000]", nil, []string{"sourceOrderNo 6.92026E+15"}},
		{"a number of JSON", "a.jsonl", `{"orderNo":6.92026e15,"payFee":"100"}` + "\n" + `{"orderNo":692026001234567890,"payFee":"100"}` + "\n", "map[692026001234567890:1.0000]", []string{"orderNo 6.92026e15"}, nil},
		{"an E in a number", "a.csv", "orderNo,payFee\n20250629E0001,100\n", "map[20250629E0001:1.0000]", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{UnknownNull: true}, withRegister, map[string]string{c.file: c.text})
			night := v.night(t, extract.Plan{})
			told := func(list []extracttest.Issue) (texts []string) {
				for _, i := range list {
					if i.Stream == "register" {
						texts = append(texts, i.Field+" "+i.Raw)
						if !strings.Contains(i.Reason, reason) || !strings.HasPrefix(i.Reason, "register/"+c.file+":") {
							t.Errorf("reason %q", i.Reason)
						}
					}
				}
				return texts
			}
			if got := fmt.Sprint(nets(night)); got != c.nets {
				t.Errorf("read %s, want %s", got, c.nets)
			}
			if got := told(night.Rejects); !slices.Equal(got, c.rejects) {
				t.Errorf("rejects %q, want %q", got, c.rejects)
			}
			if got := told(night.Findings); !slices.Equal(got, c.findings) {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
			for _, call := range v.calls() {
				if strings.ContainsAny(call, ".,+") || strings.Contains(call, "692026001234567000") {
					t.Errorf("the courier was asked for a damaged number: %s", call)
				}
			}
		})
	}
}

// Of a file that is being written the last line is left for the next run, and
// that is told; a minute later it counts if it can be whole.
func TestFileBeingWritten(t *testing.T) {
	const begun = "orderNo,sourceOrderNo,payFee\nY1,X1,1400\nY2,X2,13"
	left := func(no int) []string {
		return []string{fmt.Sprintf("line: register/a.csv:%d: the file was being written, and its last line had no end; it is left for the next run ()", no)}
	}
	for _, c := range []struct {
		name, text string
		ago        time.Duration
		nets       string
		findings   []string
		rejects    []string
	}{
		{"written now", begun, 0, "map[Y1:14.0000]", left(3), nil},
		{"written to its end", begun + "89\n", 0, "map[Y1:14.0000 Y2:13.8900]", nil, nil},
		{"left as it is", begun + "89", 2 * time.Minute, "map[Y1:14.0000 Y2:13.8900]", nil, nil},
		{"cut within the row", "orderNo,payFee,toName\nY1,1400,x\nY2,13", 2 * time.Minute, "map[Y1:14.0000]", nil, []string{"line: register/a.csv:3: the file ends within this line: it was cut short; write the file anew ()"}},
		{"only the header so far", "orderNo,sou", 0, "map[]", left(1), nil},
		{"by a clock that goes before ours", begun, -time.Hour, "map[Y1:14.0000]", left(3), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, twoOrders, withRegister, map[string]string{"a.csv": c.text})
			v.wrote(t, "a.csv", c.ago)
			night := v.night(t, extract.Plan{})
			if got := fmt.Sprint(nets(night)); got != c.nets {
				t.Errorf("read %s, want %s", got, c.nets)
			}
			if got := issues(night.Findings); !slices.Equal(got, c.findings) {
				t.Errorf("findings %q, want %q", got, c.findings)
			}
			if got := issues(night.Rejects); !slices.Equal(got, c.rejects) {
				t.Errorf("rejects %q, want %q", got, c.rejects)
			}
		})
	}
}

// A file that is no register, or cannot be read, costs nobody else anything: it
// is named, and the others arrive. Where its content is not known, the window
// is marked.
func TestForeignFiles(t *testing.T) {
	const help = "; the first line must name the columns as the courier's answer does: orderNo, sourceOrderNo, payFee, …. A file that is no register must not lie where register looks for them ()"
	for _, c := range []struct {
		name, text string
		spoil      func(t *testing.T, path string)
		reject     string
		marked     string
	}{
		{"of something else", "date,room\n2025-06-29,101\n", nil, "file: register/b.csv: the header names neither orderNo nor sourceOrderNo" + help, ""},
		{"a column twice", "orderNo,payFee,pay_fee\nY2,1,2\n", nil, "file: register/b.csv: the header names payFee twice" + help, ""},
		{"a workbook", "PK\x03\x04\x14\x00\x06\x00\x08\x00", nil, "file: register/b.csv: the header names neither orderNo nor sourceOrderNo" + help, ""},
		{"a folder", "", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "file: register/b.csv: it is no file but a folder; take it out of the register's folder ()", ""},
		{"nowhere", "", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path+".gone", path); err != nil {
				t.Fatal(err)
			}
		}, "file: register/b.csv: the file cannot be read: no such file or directory; see that nightaudit's user may read it ()", "of the register's files these could not be read: register/b.csv"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, twoOrders, withRegister, map[string]string{"a.csv": "orderNo,payFee\nY1,1400\n", "b.csv": c.text, "c.csv": "orderNo,payFee\nY2,900\n"})
			if c.spoil != nil {
				c.spoil(t, filepath.Join(v.dir, "register", "b.csv"))
			}
			night := v.night(t, extract.Plan{})
			if got := fmt.Sprint(nets(night)); got != "map[Y1:14.0000 Y2:9.0000]" {
				t.Errorf("read %s", got)
			}
			if got := issues(night.Rejects); !slices.Equal(got, []string{c.reject}) || len(night.Findings) != 0 {
				t.Errorf("rejects %q, findings %v; want %q", got, night.Findings, c.reject)
			}
			if got := night.Outcomes[0].Unsettled; got != c.marked {
				t.Errorf("marked %q, want %q", got, c.marked)
			}
		})
	}
}

// Of two files that disagree the newer counts, by what its rows say of their
// time, else by when it was written; and both figures are told. What the newer
// does not state is the older's.
func TestFilesThatDisagree(t *testing.T) {
	const header = "orderNo,sourceOrderNo,payFee,timeCreateOrder\n"
	september, october := "1756699200000", "1759291200000" // 2025-09-01 and 2025-10-01, 12:00 in Shanghai
	for _, c := range []struct {
		name     string
		files    map[string]string
		ago      map[string]time.Duration
		nets     string
		findings []string
	}{
		{"by the times of their rows", map[string]string{
			"2025-9.csv":  header + "Y1,X1,1300," + september + "\n",
			"2025-10.csv": header + "Y1,X1,1389," + september + "\nY2,X2,900," + october + "\n",
		}, nil, "map[Y1:13.8900 Y2:9.0000]", []string{"payFee: register/2025-10.csv:2 says 1389 and counts, being the newer; register/2025-9.csv:2 says 1300 (1389 / 1300)"}},
		{"by when they were written", map[string]string{
			"2025-9.csv":  "orderNo,payFee\nY1,1300\n",
			"2025-10.csv": "orderNo,payFee\nY1,1389\n",
		}, map[string]time.Duration{"2025-9.csv": 48 * time.Hour}, "map[Y1:13.8900]", []string{"payFee: register/2025-10.csv:2 says 1389 and counts, being the newer; register/2025-9.csv:2 says 1300 (1389 / 1300)"}},
		{"the other way round", map[string]string{
			"2025-9.csv":  "orderNo,payFee\nY1,1300\n",
			"2025-10.csv": "orderNo,payFee\nY1,1389\n",
		}, map[string]time.Duration{"2025-10.csv": 48 * time.Hour}, "map[Y1:13.0000]", []string{"payFee: register/2025-9.csv:2 says 1300 and counts, being the newer; register/2025-10.csv:2 says 1389 (1300 / 1389)"}},
		{"of one file the later line", map[string]string{
			"a.jsonl": `{"orderNo":"Y1","payFee":"1300"}` + "\n" + `{"orderNo":"Y1","payFee":1389}` + "\n" + `{"orderNo":"Y1","payFee":"1389"}` + "\n",
		}, nil, "map[Y1:13.8900]", []string{
			"payFee: register/a.jsonl:3 says 1389 and counts, being the newer; register/a.jsonl:1 says 1300 (1389 / 1300)",
		}},
		{"a fee that the newer does not state", map[string]string{
			"a.csv": header + "Y1,X1,1300," + september + "\n",
			"b.csv": header + "Y1,X1,," + september + "\nY2,X2,900," + october + "\n",
		}, nil, "map[Y1:13.0000 Y2:9.0000]", nil},
		{"they agree", map[string]string{
			"a.csv":   header + "Y1,X1,1300," + september + "\n",
			"b.jsonl": `{"orderNo":"Y1","sourceOrderNo":"X1","payFee":1300,"timeCreateOrder":` + september + "}\n" + `{"orderNo":"Y1"}` + "\n",
		}, nil, "map[Y1:13.0000]", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, twoOrders, withRegister, c.files)
			for name, ago := range c.ago {
				v.wrote(t, name, ago)
			}
			night := v.night(t, extract.Plan{})
			got := map[string]string{} // of the last line, which is loaded
			for _, row := range night.Streams["register"]["orders"] {
				got[row["order_id"]] = row["net_amount"]
			}
			if fmt.Sprint(got) != c.nets {
				t.Errorf("read %v, want %s", got, c.nets)
			}
			if got := issues(night.Findings); !slices.Equal(got, c.findings) || len(night.Rejects) != 0 {
				t.Errorf("findings %q, rejects %v; want %q", got, night.Rejects, c.findings)
			}
		})
	}
}
