package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// office is a folder with a published database and a configuration beside it, and
// the program as a process of its own.
type office struct {
	t                           *testing.T
	dir, published, extra, temp string
	database                    string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dir := t.TempDir()
	o := &office{t: t, dir: dir, published: filepath.Join(dir, "published"), extra: filepath.Join(dir, "extra"), temp: filepath.Join(dir, "temp")}
	for _, folder := range []string{o.published, o.extra, o.temp} {
		if err := os.Mkdir(folder, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	o.database = reportstest.FixtureFile(t, filepath.Join(o.published, load.PublishedName))
	reportstest.Write(t, filepath.Join(dir, "nightaudit.yaml"), `version: 1
pii: {key: k}
report: {extra_dir: extra}
sources:
  soms:
    - account: retail
      base_url: https://soms.example
      tenant_id: "8560"
      auth: {kind: basic, username: night, password: "${SHOP_PASSWORD}"}
`)
	return o
}

// report writes a report of the user's own.
func (o *office) report(name, statement string) {
	o.t.Helper()
	reportstest.Write(o.t, filepath.Join(o.extra, name+".sql"), "-- name: "+name+"\n-- title.en: Mine\n-- title.zh: 我的\n\n"+statement+"\n")
}

// run runs the program, and compares its exit code and what stays of its temporary
// folders.
func (o *office) run(code int, args ...string) (stdout, stderr string) {
	o.t.Helper()
	cmd := exec.CommandContext(o.t.Context(), "nightaudit", args...)
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "TMPDIR="+o.temp, "SHOP_PASSWORD=p")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		o.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		o.t.Errorf("%.200q ended with %d, want %d: %s", args, got, code, &said)
	}
	if left, _ := filepath.Glob(filepath.Join(o.temp, "*")); len(left) > 0 {
		o.t.Errorf("%.200q left %v", args, left)
	}
	return out.String(), said.String()
}

// forging multiplies every amount. As a log beside the published file it had every
// reader see them so.
const forging = "UPDATE orders SET net_amount = net_amount * 1000"

const (
	oneAmount = "SELECT net_amount FROM orders WHERE order_id = 'S3'"
	asItIs    = "net_amount\n88.8888\n"
)

// A valid log, written beside the published file by a statement with FORMAT blob
// behind PREPARE, and by a COPY in a file of report.extra_dir, had every reader see
// other figures. Both are refused now.
func TestNoLogIsForged(t *testing.T) {
	o := newOffice(t)
	log := hex.EncodeToString(reportstest.Log(t, o.database, forging))
	write := "COPY (SELECT unhex('" + log + "') AS b) TO '" + o.database + ".wal' (FORMAT blob, USE_TMP_FILE false)"
	before := reportstest.Folder(t, o.published)
	reportstest.Write(t, filepath.Join(o.dir, "prepared.sql"), "PREPARE p AS "+write+"; EXECUTE p")
	_, said := o.run(1, "query", "--file", "prepared.sql")
	if !strings.Contains(said, "PREPARE is refused") {
		t.Error(said)
	}
	reportstest.Write(t, filepath.Join(o.dir, "explained.sql"), "EXPLAIN ANALYZE "+write)
	if _, said = o.run(1, "query", "--file", "explained.sql"); !strings.Contains(said, "COPY is refused") {
		t.Error(said)
	}
	o.report("forge", write)
	if _, said = o.run(1, "report", "forge", "--format", "csv"); !strings.Contains(said, "COPY is refused") {
		t.Error(said)
	}
	if after := reportstest.Folder(t, o.published); after != before {
		t.Errorf("the folder is\n%s\nand was\n%s", after, before)
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "reports", "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if got, _ := o.run(0, "query", "--format", "csv", oneAmount); got != asItIs {
		t.Error(got)
	}
	attacks.In(t).All(3)
}

// A log that lies beside the published file, however it came there, changes nothing
// of what query, report, export, runs and trace tell, and each says that it is
// there.
func TestReadersIgnoreAForeignLog(t *testing.T) {
	o := newOffice(t)
	if err := os.WriteFile(o.database+".wal", reportstest.Log(t, o.database, forging), 0o644); err != nil {
		t.Fatal(err)
	}
	o.report("amounts", oneAmount)
	before := reportstest.Folder(t, o.published)
	lake := filepath.Join(o.dir, "lake")
	warned := func(stdout, stderr string) string {
		t.Helper()
		if !strings.Contains(stderr, "is not read") || !strings.Contains(stderr, load.PublishedName+".wal") {
			t.Errorf("it says nothing of the log: %q", stderr)
		}
		return stdout
	}
	if got := warned(o.run(0, "query", "--format", "csv", oneAmount)); got != asItIs {
		t.Errorf("query: %q", got)
	}
	file := strings.TrimSpace(warned(o.run(0, "report", "amounts", "--format", "csv")))
	if got := reportstest.Read(t, file); got != asItIs {
		t.Errorf("report: %q", got)
	}
	warned(o.run(0, "export", "--to", lake))
	inLake := "SELECT net_amount FROM read_parquet('" + lake + "/orders/**/*.parquet') WHERE order_id = 'S3'"
	if got := warned(o.run(0, "query", "--allow-files", "--format", "csv", inLake)); got != asItIs {
		t.Errorf("export: %q", got)
	}
	warned(o.run(0, "runs"))
	if got := warned(o.run(0, "trace", "S3")); !strings.Contains(got, "88.88") || strings.Contains(got, "88,888") || strings.Contains(got, "88888") {
		t.Errorf("trace: %s", got)
	}
	if after := reportstest.Folder(t, o.published); after != before {
		t.Errorf("the folder is\n%s\nand was\n%s", after, before)
	}
	attacks.In(t).All(5)
}

// breaking are statements that end the process of the database engine: its
// functions recurse over what is nested, until the stack ends.
var breaking = map[string]string{
	"a long name":     "SELECT a" + strings.Repeat(".b", 50_000) + " FROM (SELECT 1 AS a)",
	"deep JSON":       "SELECT json_structure(repeat('[', 100000) || repeat(']', 100000))",
	"JSON as VARIANT": "SELECT (repeat('[', 100000) || repeat(']', 100000))::JSON::VARIANT",
}

// A statement that breaks the engine ends with a message and the exit code of a
// failure, and leaves neither folder nor file, in a query as in a report.
func TestTheEngineBreaks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("people's SQL has no process of its own there")
	}
	o := newOffice(t)
	before := reportstest.Folder(t, o.published)
	tried, held := 0, 0
	for name, statement := range breaking {
		if name != "deep JSON" && !slowTests() {
			continue
		}
		reportstest.Write(t, filepath.Join(o.dir, "long.sql"), statement)
		o.report("long", statement)
		for _, args := range [][]string{
			{"query", "--file", "long.sql"},
			{"query", "--file", "long.sql", "--out", filepath.Join(o.dir, "result", "x.csv")},
			{"report", "long", "--format", "csv", "--out", filepath.Join(o.dir, "result")},
		} {
			if err := os.MkdirAll(filepath.Join(o.dir, "result"), 0o750); err != nil {
				t.Fatal(err)
			}
			tried++
			stdout, stderr := o.run(1, args...)
			left, _ := filepath.Glob(filepath.Join(o.dir, "result", "*"))
			hidden, _ := filepath.Glob(filepath.Join(o.dir, "result", ".*"))
			switch {
			case stdout != "" || !strings.Contains(stderr, "the database engine broke over the statement") || strings.Contains(stderr, "goroutine"):
				t.Errorf("%s, %v: %.300q, %.1000q", name, args, stdout, stderr)
			case len(left)+len(hidden) > 0:
				t.Errorf("%s, %v left %v %v", name, args, left, hidden)
			case reportstest.Folder(t, o.published) != before:
				t.Errorf("%s, %v changed the folder of the database", name, args)
			default:
				held++
			}
		}
	}
	attacks.In(t).Count(tried, held)
}
