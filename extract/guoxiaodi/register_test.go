package guoxiaodi_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

// nets are net_amount by order of the register's rows.
func nets(night *extracttest.Night) map[string]string {
	m := map[string]string{}
	for _, row := range night.Streams["register"]["orders"] {
		m[row["order_id"]] = row["net_amount"]
	}
	return m
}

func asCSV(t testing.TB, lines ...sim.Created) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(sim.CSVHeader)
	for _, l := range lines {
		_ = w.Write(l.CSV())
	}
	w.Flush()
	if err := w.Error(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The same order gives the same rows from each of the three forms.
func TestFormsOfTheRegister(t *testing.T) {
	line := created("Y1", "X1")
	var rows []string
	for name, text := range map[string]string{
		"envelope.jsonl": string(line.Answer(made)) + "\n",
		"bare.jsonl":     string(line.Bare()) + "\n",
		"a.csv":          asCSV(t, line),
		"crlf.csv":       "\ufeff" + strings.ReplaceAll(asCSV(t, line), "\n", "\r\n"),
		"noend.csv":      strings.TrimSuffix(asCSV(t, line), "\n"),
		"noend.jsonl":    string(line.Bare()),
	} {
		c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withRegister, map[string]string{name: text})
		night := c.night(t, extract.Plan{})
		if len(night.Findings)+len(night.Rejects) != 0 {
			t.Errorf("%s: findings %v, rejects %v", name, night.Findings, night.Rejects)
		}
		rows = append(rows, fmt.Sprint(night.Streams["register"]))
		if rows[0] != rows[len(rows)-1] || nets(night)["Y1"] != "14.0000" {
			t.Errorf("%s: rows %s, want %s", name, rows[len(rows)-1], rows[0])
		}
	}
}

func TestDamagedLines(t *testing.T) {
	const header = "orderNo,payFee,toName\n"
	for _, c := range []struct {
		name, file, text string
		nets             string // of what is read all the same
		refused          string // reason of the one reject; "" for none
		doubtful         string // reason of the one finding
	}{
		{"no JSON", "a.jsonl", "{\"orderNo\":\"Y1\",\"toName\":\"张三\"\n{\"orderNo\":\"Y2\",\"payFee\":\"100\"}\n", "map[Y2:1.0000]", "register/a.jsonl:1: the line is not one JSON object", ""},
		{"no object", "a.jsonl", "[1]\n", "map[]", "register/a.jsonl:1: the line is not one JSON object", ""},
		{"no number", "a.jsonl", "\n{\"payFee\":\"100\",\"toName\":\"张三\"}\n", "map[]", "register/a.jsonl:2: the line has neither orderNo nor sourceOrderNo", ""},
		{"blank lines", "a.jsonl", "\n\n  \n{\"orderNo\":\"Y2\",\"payFee\":\"100\"}\n\n", "map[Y2:1.0000]", "", ""},
		{"a field that is no fen", "a.jsonl", "{\"orderNo\":\"Y2\",\"payFee\":\"1.00\"}\n", "map[Y2:]", "", "not a whole number"},
		{"a number for a text", "a.jsonl", "{\"orderNo\":\"Y2\",\"payFee\":100}\n", "map[Y2:1.0000]", "", ""},
		{"a stored refusal", "a.jsonl", "{\"code\":500,\"msg\":\"余额不足\",\"data\":null,\"ok\":false}\n", "map[]", "", "register/a.jsonl:1: a stored answer that was no success"},
		{"fees without an orderNo", "a.jsonl", "{\"sourceOrderNo\":\"X2\",\"payFee\":\"100\"}\n", "map[]", "", "fees without an orderNo"},
		{"a line that was cut short", "a.jsonl", "{\"orderNo\":\"Y2\",\"payFee\":\"100\"}\n{\"orderNo\":\"Y1\",\"pay", "map[Y2:1.0000]", "register/a.jsonl:2: the file ends within this line", ""},
		{"too many fields", "a.csv", header + "Y1,100,张三,李四\nY2,100,张三\n", "map[Y2:1.0000]", "register/a.csv:2: the line has 4 fields, the header 3", ""},
		{"a quote without its pair", "a.csv", header + "Y1,100,\"张三\nY2,100,李四\n", "map[Y2:1.0000]", "register/a.csv:2: the line is not a record of CSV", ""},
		{"a line break in a field", "a.csv", header + "Y1,100,\"张\n三\"\nY2,200,\"李, 四\"\n", "map[Y1:1.0000 Y2:2.0000]", "", ""},
		{"another encoding", "a.csv", header + "Y2,100,\xd5\xc5\xc8\xfd\n", "map[Y2:1.0000]", "", ""},
		{"only a header", "a.csv", header, "map[]", "", ""},
		{"nothing", "a.csv", "", "map[]", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y2", "X2")}}, withRegister, map[string]string{c.file: c.text})
			night := v.night(t, extract.Plan{})
			if got := fmt.Sprint(nets(night)); got != c.nets {
				t.Errorf("read %s, want %s", got, c.nets)
			}
			for _, kind := range []struct {
				name   string
				issues []extracttest.Issue
				want   string
			}{{"rejects", night.Rejects, c.refused}, {"findings", night.Findings, c.doubtful}} {
				switch {
				case (kind.want == "") != (len(kind.issues) == 0) || len(kind.issues) > 1:
					t.Errorf("%s %+v, want %q", kind.name, kind.issues, kind.want)
				case kind.want != "" && !strings.Contains(kind.issues[0].Reason, kind.want):
					t.Errorf("%s %+v, want %q", kind.name, kind.issues, kind.want)
				}
				for _, issue := range kind.issues {
					if strings.Contains(fmt.Sprint(issue), "张三") {
						t.Errorf("%s name a person: %+v", kind.name, issue)
					}
				}
			}
		})
	}
}

// Blanks around an amount or a time cost the value, in a CSV as in JSON Lines.
// Around a number, which names the order, they are left out, and that is told.
func TestBlanksInTheRegister(t *testing.T) {
	const header = "orderNo,sourceOrderNo,payFee,carriageFee,timeCreateOrder\n"
	for _, c := range []struct {
		name, file, text string
		order            string   // order_id, net_amount, freight_amount, created_at
		findings         []string // field, reason, raw text
	}{
		{"none", "a.csv", header + "Y1,X1,100,250,1607929171334\n", "Y1 1.0000 2.5000 2020-12-14T06:59:31.334Z", nil},
		{"before an amount", "a.csv", header + "Y1,X1, 100,250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, " 100"`}},
		{"behind an amount", "a.csv", header + "Y1,X1,100,250 ,\n", "Y1 1.0000  ", []string{`carriageFee, not a whole number, "250 "`}},
		{"within quotes", "a.csv", header + "Y1,X1,\" 100\",250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, " 100"`}},
		{"a tab", "a.csv", header + "Y1,X1,\t100,250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, "\t100"`}},
		{"a no-break space", "a.csv", header + "Y1,X1,100\u00a0,250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, "100\u00a0"`}},
		{"an ideographic space", "a.csv", header + "Y1,X1,\u3000100,250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, "\u3000100"`}},
		{"nothing but blanks", "a.csv", header + "Y1,X1,  ,250,\n", "Y1  2.5000 ", []string{`payFee, not a whole number, "  "`}},
		{"empty", "a.csv", header + "Y1,X1,,250,\n", "Y1  2.5000 ", nil},
		{"before a time", "a.csv", header + "Y1,X1,100,250, 1607929171334\n", "Y1 1.0000 2.5000 ", []string{`timeCreateOrder, not an instant of the documented form, " 1607929171334"`}},
		{"around both numbers", "a.csv", header + " Y1 ,\tX1,100,250,\n", "Y1 1.0000 2.5000 ", []string{
			`orderNo, register/a.csv:2: the blanks around the number were left out, " Y1 "`,
			`sourceOrderNo, register/a.csv:2: the blanks around the number were left out, "\tX1"`,
		}},
		{"no sourceOrderNo but blanks", "a.csv", header + "Y1, ,100,250,\n", "Y1 1.0000 2.5000 ", nil},
		{"around the names of the columns", "a.csv", "orderNo, payFee , carriageFee\nY1,100,250\n", "Y1 1.0000 2.5000 ", nil},
		{"JSON Lines", "a.jsonl", `{"orderNo":"Y1","payFee":" 100","carriageFee":"250"}` + "\n", "Y1  2.5000 ", []string{`payFee, not a whole number, " 100"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withRegister, map[string]string{c.file: c.text})
			night := v.night(t, extract.Plan{})
			var order, findings []string
			for _, row := range night.Streams["register"]["orders"] {
				order = append(order, row["order_id"]+" "+row["net_amount"]+" "+row["freight_amount"]+" "+row["created_at"])
			}
			for _, f := range night.Findings {
				findings = append(findings, fmt.Sprintf("%s, %s, %q", f.Field, f.Reason, f.Raw))
			}
			if got := strings.Join(order, "\n"); got != c.order {
				t.Errorf("order %q, want %q", got, c.order)
			}
			if got, want := strings.Join(findings, "\n"), strings.Join(c.findings, "\n"); got != want || len(night.Rejects) > 0 {
				t.Errorf("findings\n%s\nwant\n%s\nrejects %v", got, want, night.Rejects)
			}
			// The courier was asked for the order by its number, and knew it.
			if rows := night.Streams["status"]["orders"]; len(rows) != 1 || rows[0]["order_id"] != "Y1" {
				t.Errorf("the courier was asked for %v", rows)
			}
		})
	}
}

// A line with a bare number does not take the fees of an earlier line away.
func TestBareLineKeepsFees(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withRegister,
		map[string]string{"a.jsonl": jsonl(created("Y1", "X1")) + `{"orderNo":"Y1"}` + "\n"})
	night := c.night(t, extract.Plan{})
	if rows := night.Streams["register"]["orders"]; len(rows) != 1 || rows[0]["net_amount"] != "14.0000" {
		t.Errorf("rows %v, want one with its fee", rows)
	}
}

// Lines are landed as they stand in the file, each traceable to its line.
func TestRegisterPages(t *testing.T) {
	var lines []sim.Created
	for i := range 1200 {
		lines = append(lines, created(fmt.Sprintf("Y%d", i), ""))
	}
	c := open(t, sim.Options{}, withRegister+"concurrency: 8\n", map[string]string{
		"a.jsonl": jsonl(lines...), "b.csv": "orderNo,toName\nY0,\"a\nb\"\n\nY1,c\n",
	})
	night := c.night(t, extract.Plan{})
	type page struct {
		File      string   `json:"file"`
		FirstLine int      `json:"first_line"`
		Lines     []string `json:"lines"`
	}
	var got []string
	for i, p := range night.Pages {
		if p.Stream != "register" {
			break
		}
		var read page
		if err := json.Unmarshal(p.Body, &read); err != nil {
			t.Fatal(err)
		}
		if night.Facts[i].Rows != len(read.Lines) || night.Facts[i].Total != -1 {
			t.Errorf("page %d of %d lines states %+v", i, len(read.Lines), night.Facts[i])
		}
		got = append(got, fmt.Sprintf("%s %d+%d", filepath.Base(read.File), read.FirstLine, len(read.Lines)))
	}
	want := "[a.jsonl 1+500 a.jsonl 501+500 a.jsonl 1001+200 b.csv 2+1 b.csv 5+1]"
	if fmt.Sprint(got) != want {
		t.Errorf("pages %v, want %s", got, want)
	}
}

// The register is read anew every night: an order that was written into it
// since is asked for.
func TestRegisterGrows(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y2", "X2")}}, withRegister, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))})
	if night := c.night(t, extract.Plan{}); len(night.Streams["status"]["orders"]) != 1 {
		t.Errorf("orders %v, want one", night.Streams["status"]["orders"])
	}
	c.register(t, map[string]string{"b.jsonl": jsonl(created("Y2", "X2"))})
	if night := c.night(t, extract.Plan{}); len(night.Streams["status"]["orders"]) != 2 {
		t.Errorf("orders %v, want two", night.Streams["status"]["orders"])
	}
}
