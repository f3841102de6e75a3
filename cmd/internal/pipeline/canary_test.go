package pipeline_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// With the default policy no name, phone, address or number of a document that
// the vendors answered, no secret of the configuration and none that went over
// the wire stands in the database, the workbook, what is staged or the log.
func TestNoPersonalDataLeavesTheLanding(t *testing.T) {
	slowTest(t)
	c := newCanaries()
	g := startGroup(t, demo.Options{})
	v := g.running.Vendors
	plantPeople(c, v.Tuya, v.Akubela, v.Soms, v.Starhotel, v.Guoxiaodi, g.now.Add(-20*time.Hour))
	dir := filepath.Dir(g.running.ConfigPath)
	register := filepath.Join(dir, "register", "canary.jsonl")
	line := fmt.Sprintf(`{"orderNo":"ONCANARY","sourceOrderNo":"XCANARY","payFee":"x","receiverName":%q,"receiverPhone":%q}`+"\n", people.name, people.phone)
	if err := os.WriteFile(register, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	secrets, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil || len(secrets) != 5 {
		t.Fatalf("secrets %v, %v", secrets, err)
	}
	for _, path := range secrets {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c.add(string(text), base64.StdEncoding.EncodeToString([]byte("nightaudit:"+string(text))))
	}
	g.cfg, err = config.Load(g.running.ConfigPath, config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: g.clock, Tokens: new(extract.TokenStore), Transport: listening{c},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var log, logJSON bytes.Buffer
	result := g.run(pipeline.Options{Log: everyLine(&log, &logJSON)})
	g.wantExit(result, 0)

	store := filepath.Join(g.cfg.DataDir, "landing")
	before := len(c.texts)
	raw := unpacked(t, store, func(source string, v document) { c.collect(source, "", v) })
	if found := len(c.in(raw)); before < 15 || len(c.texts) < 500 || found < len(c.texts)-before {
		t.Fatalf("%d secrets and planted texts, %d people, %d of all are found in the landing: this test would find nothing", before, len(c.texts)-before, found)
	}
	for where, text := range tablesOf(t, result.Database) {
		c.absent(t, where, text)
	}
	absentFromFiles(t, c, g.cfg.Publish.Dir, g.cfg.Report.Dir, g.cfg.DataDir)
	c.absent(t, "the log", log.Bytes())
	c.absent(t, "the log in JSON", logJSON.Bytes())
	c.absent(t, "the result", fmt.Appendf(nil, "%+v", result))
	checkStaging(t, c, g.cfg)
}

// everyLine is a log of both formats that leaves out nothing.
func everyLine(text, jsonText io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(slog.NewTextHandler(text, o), slog.NewJSONHandler(jsonText, o)))
}

// unpacked is every landed answer of a store; visit gets each with its source.
func unpacked(t *testing.T, store string, visit func(source string, v document)) []byte {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(store, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, sealed.PlainSuffix) {
			return err
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		plain, err := sealed.Decompress(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		defer plain.Close()
		text, err := io.ReadAll(plain)
		for line := range bytes.Lines(text) {
			source, _, _ := strings.Cut(e.Name(), "-")
			visit(source, parse(t, line))
		}
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}

// tablesOf is the text of every table of a database, by name.
func tablesOf(t *testing.T, path string) map[string][]byte {
	t.Helper()
	db := open(t, path)
	all := map[string][]byte{}
	for _, table := range lines(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables()") {
		all[table] = []byte(strings.Join(lines(t, db, "SELECT * FROM "+table), "\n"))
	}
	if err := db.Close(); err != nil { // its file is read next
		t.Fatal(err)
	}
	return all
}

// absentFromFiles looks into every file below the folders but the landed
// answers, and into the parts of workbooks.
func absentFromFiles(t *testing.T, c *canaries, dirs ...string) {
	t.Helper()
	looked := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, sealed.PlainSuffix) {
				return err
			}
			looked++
			data, err := os.ReadFile(path)
			c.absent(t, path, data)
			if err == nil && filepath.Ext(path) == ".xlsx" {
				return absentFromParts(t, c, path, data)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if looked < 5 {
		t.Errorf("only %d files were looked into", looked)
	}
}

func absentFromParts(t *testing.T, c *canaries, path string, data []byte) error {
	book, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range book.File {
		part, err := f.Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part)
		if err = errors.Join(err, part.Close()); err != nil {
			return err
		}
		c.absent(t, path+" "+f.Name, text)
	}
	return nil
}

// checkStaging stages the landed answers once more, as the night has done, for
// the night removes what it staged, and looks into the files.
func checkStaging(t *testing.T, c *canaries, cfg *config.Config) {
	t.Helper()
	store, err := landing.Open(filepath.Join(cfg.DataDir, "landing"), cfg.LandingKeys)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := store.Runs()
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	journals, err := store.WindowLedgers(runs[0])
	if err != nil {
		t.Fatal(err)
	}
	w, err := load.Open(t.Context(), load.Options{Path: filepath.Join(t.TempDir(), "scratch.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, a := range cfg.Accounts {
		dir := filepath.Join(t.TempDir(), "staging")
		stage, err := w.Stage(ledger.Run{ID: "scratch", At: runs[0].At}, load.Source{Name: a.Driver.Name, Streams: a.Driver.Streams}, a.Name, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, window := range journals[ledger.AccountID{Source: a.Driver.Name, Account: a.Name}].LoadedWindows() {
			stageWindow(t, store, stage, cfg, &a, window)
		}
		if _, err := stage.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		absentFromFiles(t, c, dir)
		db, err := sql.Open("duckdb", "")
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
		if err != nil || len(files) < 3 {
			t.Fatalf("%s staged %v, %v", a.Driver.Name, files, err)
		}
		for _, file := range files {
			c.absent(t, "staged "+filepath.Base(file), []byte(strings.Join(lines(t, db, "FROM read_parquet('"+file+"')"), "\n")))
		}
		if err := errors.Join(db.Close(), stage.Discard()); err != nil {
			t.Fatal(err)
		}
	}
}

func stageWindow(t *testing.T, store *landing.Store, stage *load.Stage, cfg *config.Config, a *config.Account, window landing.WindowEntry) {
	t.Helper()
	settings := a.Source.Settings()
	b := transform.NewBatch(transform.Origin{
		Source: a.Driver.Name, Account: a.Name, Stream: window.Stream,
		Calendar: settings.Calendar(), Currency: settings.Currency, Privacy: cfg.Privacy,
	})
	no := stage.Begin(ledger.Window{Stream: window.Stream})
	err := store.Pages(window, func(p *extract.Page, landed landing.Landed) error {
		b.Begin(transform.PageOrigin{Ref: landed.Ref, SHA256: landed.SHA256(), Window: no, Body: p.Body, Repairs: p.Repairs})
		_, err := a.Source.Decode(p, b)
		return err
	})
	if err == nil {
		err = b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write(window.Stream, table, rec) })
	}
	if err != nil {
		t.Fatal(err)
	}
	stage.End(no, -1, 1, ledger.Complete, "", b.TakeSums())
}

// Whatever goes wrong, no error, message, log line or note of the ledger
// repeats what the vendor answered of people, or a secret: not even where the
// vendor's own refusal repeats them.
func TestErrorsHoldNothingPersonal(t *testing.T) {
	slowTest(t)
	c := newCanaries()
	h := startHamlet(t)
	plantPeople(c, h.tuya, h.akubela, h.soms, h.starhotel, h.guoxiaodi, moment(9, 0))
	text, err := os.ReadFile(filepath.Join(h.dir, "nightaudit.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// The hamlet's secrets are single letters: too short to be looked for.
	loud := strings.NewReplacer("pii: {key: k}", "pii: {key: canary-pii-key}")
	if err := os.WriteFile(filepath.Join(h.dir, "nightaudit.yaml"), []byte(loud.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	c.add("canary-pii-key")
	h.cfg, err = config.Load(filepath.Join(h.dir, "nightaudit.yaml"), config.Options{Drivers: all.Drivers(), Env: extract.Env{
		Now: h.clock, Tokens: new(extract.TokenStore), Transport: listening{c},
		HTTP: extract.HTTPLimits{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, h.run(), nil)

	said, err := json.Marshal(map[string]any{
		"success": false, "code": people.name, "error_code": people.phone, "ok": false, "secretKey": secretKey, "access_token": innerToken,
		"message": "refused for " + people.phone + ", " + people.email + " and " + people.idCard, "name": people.name, "address": people.address,
	})
	if err != nil {
		t.Fatal(err)
	}
	var log, logJSON bytes.Buffer
	failed := 0
	for _, f := range append(faults("http://elsewhere.example/"+innerToken), []disturbance{
		{name: "a refusal that repeats", answer: answer(string(said))},
		{name: "a status that repeats", answer: answer(string(said))},
		{name: "a page that repeats", answer: answer("<html>" + string(said))},
		{name: "an answer cut off", answer: answer(`{"success":true,"result":` + string(said[:len(said)-9]))},
	}...) {
		if f.name == "a status that repeats" {
			f.answer.Status = http.StatusBadRequest
		}
		for _, source := range sources {
			h.answering(source, secondPage[source](), f.answer)
		}
		h.now = h.now.Add(time.Hour)
		result, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", Full: true, NoReport: true, Log: everyLine(&log, &logJSON)})
		for _, source := range sources {
			h.well(source)
		}
		if err != nil && !errors.Is(err, pipeline.ErrNothingCame) {
			t.Fatal(err)
		}
		for _, a := range result.Accounts {
			if a.Err != nil {
				failed++
			}
			c.absent(t, f.name+" of "+a.Source, fmt.Appendf(nil, "%v %q", a.Err, a.Messages))
		}
		c.absent(t, "the notices of "+f.name, fmt.Appendf(nil, "%q", result.Notices))
		for where, text := range tablesOf(t, filepath.Join(h.cfg.DataDir, "warehouse.duckdb")) { // where all failed nothing is published
			c.absent(t, f.name+": "+where, text)
		}
	}
	// What does not fail is a number that the courier says it does not know.
	if failed < 4*14 {
		t.Errorf("only %d accounts failed of 14 faults at 5 vendors: this test would find nothing", failed)
	}
	c.absent(t, "the log", log.Bytes())
	c.absent(t, "the log in JSON", logJSON.Bytes())
	absentFromFiles(t, c, h.cfg.Publish.Dir, h.cfg.DataDir)
}
