package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// keptCases are the cases that are tests.
const keptCases = root + "/testdata/cases"

// try runs a command that may end with any code.
func try(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), append([]string{"nightaudit"}, args...), strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
	return stdout.String() + stderr.String(), code
}

// Each case of testdata/cases comes to what is expected of it.
func TestKeptCases(t *testing.T) {
	kept, err := os.ReadDir(keptCases)
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, c := range kept {
		if !c.IsDir() {
			continue
		}
		played++
		t.Run(c.Name(), func(t *testing.T) {
			out, code := try(t, "demo", "--case", filepath.Join(keptCases, c.Name()), "--dir", filepath.Join(t.TempDir(), "demo"))
			if code != exit.Done || !strings.Contains(out, "\nis        as expected\n") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
	if played < 3 {
		t.Errorf("there are %d cases only", played)
	}
}

// A case of which something else comes than is expected says what, and ends with 3.
func TestCaseThatComesOtherwise(t *testing.T) {
	for _, c := range []struct{ what, file, old, by, said string }{
		{"another amount", "recon.breaks.jsonl", `"actual":765.0000`, `"actual":7.6500`, `recon.breaks: missing: {"break_id"`},
		{"a break that is not expected", "recon.breaks.jsonl", "", "", "recon.breaks: not expected: "},
		{"another title", "main.order_items.jsonl", `黑巧克力`, `白巧克力`, "main.order_items: missing: "},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "case")
			if err := os.CopyFS(dir, os.DirFS(filepath.Join(keptCases, "freight-in-fen"))); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "expected", c.file)
			text, err := os.ReadFile(file)
			if err != nil || !bytes.Contains(text, []byte(c.old)) {
				t.Fatalf("%s does not hold %s: %v", file, c.old, err)
			}
			if c.old == "" {
				err = os.Remove(file)
			} else {
				err = os.WriteFile(file, bytes.Replace(text, []byte(c.old), []byte(c.by), 1), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			out, code := try(t, "demo", "--case", dir, "--dir", filepath.Join(t.TempDir(), "demo"))
			if code != exit.Partial || !strings.Contains(out, c.said) || strings.Contains(out, "as expected") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}

// Who opens a case of somebody else is not led to files, folders or channels of her own.
func TestCaseOfAStranger(t *testing.T) {
	tally := attacks.In(t)
	for _, c := range []struct{ what, file, text, said string }{
		{"a command that is told of nights", "nightaudit.yaml", "\nnotify:\n- {command: [touch, here]}\n", "has notify, which no case has"},
		{"a file of the machine", "nightaudit.yaml", "\nretired: [\"${file:/etc/passwd}\"]\n", "has retired, which no case has"},
		{"a secret of the environment", "nightaudit.yaml", "# ${HOME}\n", "refers to what stands elsewhere"},
		{"another format", "case.json", `{"format":2,"version":"9.9.9"}`, "it has the format 2 and this program knows 1: use the program that made it, nightaudit 9.9.9"},
		{"nothing that is expected", "case.json", `{"format":1}`, ""},
	} {
		tally.Try(c.what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "case")
			if err := os.CopyFS(dir, os.DirFS(filepath.Join(keptCases, "freight-in-fen"))); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, c.file)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if c.file == "case.json" {
				before = nil
			}
			if err := os.WriteFile(file, append(before, c.text...), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.said == "" {
				if err := os.RemoveAll(filepath.Join(dir, "expected")); err != nil {
					t.Fatal(err)
				}
				c.said = "it says nothing of what is expected"
			}
			out, code := try(t, "demo", "--case", dir, "--dir", filepath.Join(t.TempDir(), "demo"))
			if code != exit.Usage || !strings.Contains(out, c.said) {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}

// brokenBy are the columns by which two breaks are the same, sentences and all. A room's
// name is made up in a case, so that sentences that name one are compared without it.
const brokenBy = `SELECT break_id, rule, severity, source, account, order_id, line_no, right_source, right_account, right_order_id,
	business_date, expected, actual, difference, currency, reason, first_seen,
	CASE WHEN facts->>'room_no' IS NULL AND NOT explanation_en LIKE '%room%' THEN explanation_en || explanation_zh END
	FROM recon.breaks WHERE break_id = `

// reproduces makes a case of a break, plays it, and compares the break with the one of the
// database by a query of its own.
func reproduces(t *testing.T, config, id string) {
	t.Helper()
	dir := t.TempDir()
	file, demo := filepath.Join(dir, "case.zip"), filepath.Join(dir, "demo")
	if out, code := try(t, "case", "--config", config, "--order", id, "--out", file); code != exit.Done || !strings.Contains(out, "as in the database") {
		t.Fatalf("the case: exit code %d:\n%s", code, out)
	}
	if out, code := try(t, "demo", "--case", file, "--dir", demo); code != exit.Done || !strings.Contains(out, "as expected") {
		t.Fatalf("the demo: exit code %d:\n%s", code, out)
	}
	statement := brokenBy + "'" + id + "'"
	want := nightaudit(t, "query", "--config", config, "--format", "csv", statement)
	got := nightaudit(t, "query", "--config", filepath.Join(demo, "nightaudit.yaml"), "--format", "csv", statement)
	if got != want || strings.Count(want, "\n") != 2 {
		t.Errorf("of the case comes\n%s\nand in the database is\n%s", got, want)
	}
}

// breaksOf lists the breaks of a database by rule and order.
func breaksOf(t *testing.T, config string) (breaks []struct{ Rule, ID, Order string }) {
	t.Helper()
	out := nightaudit(t, "query", "--config", config, "--format", "json", "SELECT rule AS Rule, break_id AS ID, order_id AS \"Order\" FROM recon.breaks ORDER BY ALL")
	if err := json.Unmarshal([]byte(out), &breaks); err != nil {
		t.Fatal(err)
	}
	return breaks
}

// The case of each break of the demo reproduces exactly that break.
func TestCaseOfEveryBreak(t *testing.T) {
	slowTest(t)
	dir := filepath.Join(t.TempDir(), "demo")
	copyDemo(t, dir)
	config := filepath.Join(dir, "nightaudit.yaml")
	rules := map[string]bool{}
	for _, b := range breaksOf(t, config) {
		rules[b.Rule] = true
		t.Run(b.Rule+" "+b.Order, func(t *testing.T) { reproduces(t, config, b.ID) })
	}
	if len(rules) < 15 {
		t.Errorf("the demo has breaks of %d rules only", len(rules))
	}
}

// So does that of kinds that the demo has not: a payment of two orders, an order without
// a date, an amount that is none, and a vendor that went back in a second night.
func TestCaseOfTwoNights(t *testing.T) {
	vendor := soms.New(soms.Options{Username: shopUser, Password: shopPassword})
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	put := func(id, modified, amount string, change func(o *soms.Order)) {
		o := shopOrder(id, "2024-04-10 10:00:00", amount)
		o.Modified = modified
		change(&o)
		vendor.Put(o)
	}
	same := func(*soms.Order) {}
	paid := func(o *soms.Order) { o.Payment.Details[0].FlowNo = "P20240410001" }
	put("R0001", "2024-04-10 10:00:00", "20.00", paid)
	put("R0002", "2024-04-10 11:00:00", "20.00", func(o *soms.Order) { o.Front.Created = "2024-04-10 11:00:00"; paid(o) })
	put("U0001", "2024-04-10 10:00:00", "9.00", func(o *soms.Order) { o.Created, o.Front.Created, o.Payment.PayTime = "", "", "" })
	put("X0001", "2024-04-10 10:00:00", "31.00", func(o *soms.Order) {
		data, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		o.Raw = bytes.Replace(data, []byte(`"real_total":31.00`), []byte(`"real_total":"31,00"`), 1)
	})
	put("O0001", "2024-04-10 18:00:00", "40.00", same)
	for i := range 5 { // that are nobody's business
		put(fmt.Sprintf("N000%d", i), "2024-04-10 10:00:00", "5.00", same)
	}

	dir := t.TempDir()
	config := filepath.Join(dir, "nightaudit.yaml")
	text := fmt.Sprintf("version: 1\npii: {key: k}\nsources:\n  soms:\n  - {account: retail, base_url: %s, tenant_id: \"8560\", rate: 10000/s, auth: {kind: basic, username: %s, password: %s}}\n", server.URL, shopUser, shopPassword)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	night := func(at string) {
		if out, code := try(t, "run", "--config", config, "--full", "--no-report", "--at", at); code == exit.Failed || code == exit.Usage {
			t.Fatalf("exit code %d:\n%s", code, out)
		}
	}
	night("2024-04-11T03:00:00+08:00")
	put("O0001", "2024-04-10 12:00:00", "11.00", same)
	night("2024-04-12T03:00:00+08:00")

	want := []string{"older_version O0001", "payment_reused R0002", "undated U0001", "unreadable X0001"}
	for _, b := range breaksOf(t, config) {
		name := b.Rule + " " + b.Order
		i := slices.Index(want, name)
		if i < 0 {
			continue
		}
		want = slices.Delete(want, i, i+1)
		t.Run(name, func(t *testing.T) { reproduces(t, config, b.ID) })
	}
	if len(want) > 0 {
		t.Errorf("there are no breaks %v", want)
	}
	t.Run("ids are hidden", func(t *testing.T) { hidesIDs(t, config) })
}

// What an account brought in a run comes to the same control totals, and to the break of
// its completeness: the vendor states one order more than it shows.
func TestCaseOfARun(t *testing.T) {
	vendor := tuya.New(tuya.Options{ClientID: "c", ClientSecret: "s", ProjectID: "1", ExtraTotal: 1})
	for i := range 30 {
		at := time.Date(2024, 4, 10, 10, i, 0, 0, soms.Zone)
		vendor.Put(tuya.Order{
			OrderID: fmt.Sprintf("T%04d", i), RoomNo: "801", OrderStatus: "finished", OrderBizType: "MATERIAL", Quantity: 1, OrderAmount: "5.00", Currency: "CNY",
			CreateOrderTime: tuya.At(at), FinishOrderTime: tuya.At(at.Add(time.Hour)), CustomerList: []tuya.Customer{{CustomerName: "李四"}},
		})
	}
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	config, file, demo := filepath.Join(dir, "nightaudit.yaml"), filepath.Join(dir, "case.zip"), filepath.Join(dir, "demo")
	text := fmt.Sprintf("version: 1\npii: {key: k}\nsources:\n  tuya:\n  - {account: a, base_url: %s, project_id: \"1\", rate: 10000/s, auth: {kind: tuya, client_id: c, client_secret: s}}\n", server.URL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := try(t, "run", "--config", config, "--no-report", "--at", "2024-04-11T03:00:00+08:00"); code != exit.Partial {
		t.Fatalf("the run: exit code %d:\n%s", code, out)
	}
	if out, code := try(t, "case", "--config", config, "--run", "last", "--account", "a", "--out", file); code != exit.Done || !strings.Contains(out, "as in the database") {
		t.Fatalf("the case: exit code %d:\n%s", code, out)
	}
	if out, code := try(t, "demo", "--case", file, "--dir", demo); code != exit.Done || !strings.Contains(out, "as expected") {
		t.Fatalf("the demo: exit code %d:\n%s", code, out)
	}
	statement := "SELECT break_id, order_id, line_no, expected, actual, difference, explanation_en FROM recon.breaks WHERE rule = 'completeness' ORDER BY ALL"
	want := nightaudit(t, "query", "--config", config, "--format", "csv", statement)
	got := nightaudit(t, "query", "--config", filepath.Join(demo, "nightaudit.yaml"), "--format", "csv", statement)
	if got != want || !strings.Contains(want, "1 missing") {
		t.Errorf("of the case comes\n%s\nand in the database is\n%s", got, want)
	}
	id, _, _ := strings.Cut(strings.Split(want, "\n")[1], ",")
	if out, code := try(t, "case", "--config", config, "--order", id); code != exit.Usage || !strings.Contains(out, "is of no order") || !strings.Contains(out, "--account a") {
		t.Errorf("by the break of an account: exit code %d:\n%s", code, out)
	}
}

// hidesIDs makes a case of an order in which its ids are made up, and those of the order
// that its payment pays, too.
func hidesIDs(t *testing.T, config string) {
	t.Helper()
	dir := t.TempDir()
	file, demo := filepath.Join(dir, "case.zip"), filepath.Join(dir, "demo")
	out, code := try(t, "case", "--config", config, "--order", "R0002", "--hide-ids", "--out", file)
	if code != exit.Done || !strings.Contains(out, "as in the database") {
		t.Fatalf("the case: exit code %d:\n%s", code, out)
	}
	if out, code := try(t, "demo", "--case", file, "--dir", demo); code != exit.Done || !strings.Contains(out, "as expected") || !strings.Contains(out, "1 break\n") {
		t.Fatalf("the demo: exit code %d:\n%s", code, out)
	}
	err := filepath.WalkDir(demo, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(path, "/published/") || strings.Contains(path, "/reports/") {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".zst") && err == nil {
			data = unpack(t, data)
		}
		for _, id := range []string{"R0001", "R0002", "P20240410001"} {
			if strings.Contains(string(data), id) {
				t.Errorf("%s holds %s", path, id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := zstd.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
