package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// lineageEvent is an event as its receivers read it.
type lineageEvent struct {
	EventType string
	Run       struct {
		RunID  string
		Facets struct {
			Parent       struct{ Run struct{ RunID string } }
			NominalTime  struct{ NominalStartTime string }
			ErrorMessage struct{ Message string }
		}
	}
	Job             struct{ Namespace, Name string }
	Inputs, Outputs []lineageDataset
}

type lineageDataset struct {
	Namespace, Name string
	Facets          struct {
		Schema struct{ Fields []struct{ Name, Type string } }
	}
	InputFacets  struct{ InputStatistics lineageCounts }
	OutputFacets struct{ OutputStatistics lineageCounts }
}

type lineageCounts struct{ RowCount, FileCount, Size int64 }

func (e *lineageEvent) what() string { return e.EventType + " " + e.Job.Name }

// named is the dataset of that name, an empty one where there is none.
func named(sets []lineageDataset, name string) lineageDataset {
	for _, s := range sets {
		if s.Name == name {
			return s
		}
	}
	return lineageDataset{}
}

// readLineage reads the events of a file, each of which fits the specification.
func readLineage(t *testing.T, file string) (events []lineageEvent, text string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("testdata/openlineage.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(value)
		}
		var e lineageEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Errorf("%s does not fit: %v", e.what(), err)
		}
		events = append(events, e)
	}
	return events, string(data)
}

// whatOf are the types and jobs of events: first and last as they came, what lies
// between, which is of several accounts at once, in order.
func whatOf(events []lineageEvent) (all []string) {
	for i := range events {
		all = append(all, events[i].what())
	}
	if len(all) > 2 {
		slices.Sort(all[1 : len(all)-1])
	}
	return all
}

func findEvent(t *testing.T, events []lineageEvent, what string) *lineageEvent {
	t.Helper()
	for i := range events {
		if events[i].what() == what {
			return &events[i]
		}
	}
	t.Fatalf("there is no %s among %v", what, whatOf(events))
	return nil
}

// A night that ends well is told in events of OpenLineage: what was asked of which
// vendor, what was landed, loaded, published and written of it, with counts worked out
// from what the shops hold. File and receiver get the same. Then a shop is down: its job
// fails, and the run does not; then nothing comes, and it does.
func TestLineageOfNights(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var posted strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/lineage" || r.Header.Get("Authorization") != "Bearer k-e-y" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s with %v: %v", r.Method, r.URL, r.Header, err)
		}
		posted.Write(append(body, '\n'))
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)
	g := startGroup(t, fmt.Sprintf("lineage: {file: lineage.jsonl, url: %q, api_key: k-e-y, namespace: hotels}\n", server.URL))
	file := filepath.Join(g.dir, "lineage.jsonl")
	if code, said := g.night(11); code != 0 || said != "" {
		t.Fatalf("the first night ends with %d: %s", code, said)
	}
	events, text := readLineage(t, file)
	want := []string{
		"START run", "COMPLETE extract.soms.a", "COMPLETE extract.soms.b", "COMPLETE load", "COMPLETE report",
		"START extract.soms.a", "START extract.soms.b", "START load", "START report", "COMPLETE run",
	}
	if got := whatOf(events); !slices.Equal(got, want) {
		t.Fatalf("the events are\n%v\nwant\n%v", got, want)
	}
	if posted.String() != text {
		t.Errorf("posted was\n%s\nand written\n%s", posted.String(), text)
	}
	ids := map[string]string{}
	for i := range events {
		e := &events[i]
		if known := ids[e.Job.Name]; known != "" && known != e.Run.RunID {
			t.Errorf("%s has the id %s, and began with %s", e.Job.Name, e.Run.RunID, known)
		}
		ids[e.Job.Name] = e.Run.RunID
		if parent := e.Run.Facets.Parent.Run.RunID; e.Job.Name != "run" && parent != ids["run"] || e.Job.Name == "run" && parent != "" {
			t.Errorf("%s is of the run %q, want %q", e.what(), parent, ids["run"])
		}
		if e.Job.Namespace != "hotels" || e.Run.Facets.NominalTime.NominalStartTime != "2024-04-10T22:30:00Z" {
			t.Errorf("%s: namespace %s, time %s", e.what(), e.Job.Namespace, e.Run.Facets.NominalTime.NominalStartTime)
		}
	}
	if len(ids) != 5 {
		t.Errorf("the jobs have the ids %v", ids)
	}
	wantNight(t, g, events)

	g.bIsDown.Store(true)
	if code, _ := g.night(12, "--no-report"); code != 3 {
		t.Errorf("the night on which b is down ends with %d", code)
	}
	all, _ := readLineage(t, file)
	second := all[len(events):]
	want = []string{"START run", "COMPLETE extract.soms.a", "COMPLETE load", "FAIL extract.soms.b", "START extract.soms.a", "START extract.soms.b", "START load", "COMPLETE run"}
	if got := whatOf(second); !slices.Equal(got, want) {
		t.Fatalf("the events are\n%v\nwant\n%v", got, want)
	}
	if why := findEvent(t, second, "FAIL extract.soms.b").Run.Facets.ErrorMessage.Message; !strings.Contains(why, "503") {
		t.Errorf("b failed, for %q", why)
	}
	if sets := findEvent(t, second, "COMPLETE load").Inputs; len(sets) != 1 || sets[0].Name != "landing/soms/a" {
		t.Errorf("loaded was %v", sets)
	}
	if second[0].Run.RunID == ids["run"] {
		t.Error("the second night has the first one's id")
	}
	if code, _ := g.night(13, "--no-report", "--account", "b"); code != 1 {
		t.Errorf("the night that brings nothing ends with %d", code)
	}
	all, text = readLineage(t, file)
	third := all[len(events)+len(second):]
	if got, want := whatOf(third), []string{"START run", "FAIL extract.soms.b", "START extract.soms.b", "FAIL run"}; !slices.Equal(got, want) {
		t.Errorf("the events are\n%v\nwant\n%v", got, want)
	}
	if why := third[len(third)-1].Run.Facets.ErrorMessage.Message; !strings.Contains(why, "every account failed") {
		t.Errorf("the run failed, for %q", why)
	}
	for _, secret := range []string{shopPassword, "k-e-y", "tea"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	takenByClient(t, text, len(all))
}

// wantNight compares what the first night tells of its data with the two shops of one
// order each.
func wantNight(t *testing.T, g *group, events []lineageEvent) {
	t.Helper()
	extracted := findEvent(t, events, "COMPLETE extract.soms.a")
	orders := named(extracted.Inputs, "a/orders")
	if orders.InputFacets.InputStatistics.RowCount != 1 || !strings.HasPrefix(orders.Namespace, "http://127.0.0.1:") {
		t.Errorf("asked was %+v", extracted.Inputs)
	}
	landed := named(extracted.Outputs, "landing/soms/a").OutputFacets.OutputStatistics
	var answers, size int64
	for _, set := range extracted.Inputs {
		answers += set.InputFacets.InputStatistics.FileCount
	}
	segments, err := filepath.Glob(filepath.Join(g.dir, "data", "landing", "*", "*", "*", "*", "soms-a-*.jsonl.zst"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range segments {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if landed.RowCount != answers || answers == 0 || landed.Size != size {
		t.Errorf("landed was %+v, want %d answers of %d bytes in %v", landed, answers, size, segments)
	}
	loaded := findEvent(t, events, "COMPLETE load")
	if len(loaded.Inputs) != 2 {
		t.Errorf("loaded was %v", loaded.Inputs)
	}
	for table, rows := range map[string]int64{"main.orders": 2, "main.order_items": 2, "main.payments": 2, "main.stays": 0, "audit.runs": 1, "recon.breaks": 0} {
		set := named(loaded.Outputs, table)
		if n := set.OutputFacets.OutputStatistics.RowCount; n != rows || set.Namespace != "duckdb://"+filepath.Join(g.dir, "published", "nightaudit.duckdb") {
			t.Errorf("%s has %d rows in %s, want %d", table, n, set.Namespace, rows)
		}
	}
	types := map[string]string{}
	for _, field := range named(loaded.Outputs, "main.orders").Facets.Schema.Fields {
		types[field.Name] = field.Type
	}
	if types["order_id"] != "VARCHAR" || types["net_amount"] != "DECIMAL(18,4)" {
		t.Errorf("main.orders has %v", types)
	}
	written := findEvent(t, events, "COMPLETE report")
	book := filepath.Join(g.dir, "reports", "reconciliation_2024-04-10.xlsx")
	info, err := os.Stat(book)
	if err != nil || named(written.Outputs, book).OutputFacets.OutputStatistics.Size != info.Size() || len(written.Outputs) != 2 {
		t.Errorf("written was %v, want a workbook and its page: %v", written.Outputs, err)
	}
}

// takenByClient has OpenLineage's own client read the events, where there is one.
func takenByClient(t *testing.T, text string, events int) {
	t.Helper()
	python := os.Getenv("NIGHTAUDIT_PYTHON")
	if python == "" || exec.CommandContext(t.Context(), python, "-c", "import openlineage.client").Run() != nil {
		t.Log("no Python with openlineage-python; NIGHTAUDIT_PYTHON names one")
		return
	}
	client := exec.CommandContext(t.Context(), python, "testdata/lineage_client.py")
	client.Stdin = strings.NewReader(text)
	said, err := client.CombinedOutput()
	if got := strings.TrimSpace(string(said)); err != nil || got != fmt.Sprint(events) {
		t.Errorf("the client says %s (%v), want %d events", got, err, events)
	}
}

// A run that is stopped tells that what was under way is given up; the next one, which
// takes it up, tells of the same run.
func TestLineageOfStop(t *testing.T) {
	t.Parallel()
	g := startGroup(t, "lineage: {file: lineage.jsonl}\n")
	running := g.ctx
	g.stops.Store(true)
	if code, said := g.night(11, "--no-report"); code != 1 || !strings.Contains(said, "stopped on request") {
		t.Errorf("the night that was stopped ends with %d and says %s", code, said)
	}
	stopped, _ := readLineage(t, filepath.Join(g.dir, "lineage.jsonl"))
	if last := stopped[len(stopped)-1]; last.what() != "ABORT run" || findEvent(t, stopped, "ABORT extract.soms.b") == nil {
		t.Errorf("the events are %v", whatOf(stopped))
	}
	g.stops.Store(false)
	g.ctx = context.WithoutCancel(running)
	if code, said := g.night(11, "--no-report"); code != 0 {
		t.Errorf("the night that takes it up ends with %d: %s", code, said)
	}
	all, _ := readLineage(t, filepath.Join(g.dir, "lineage.jsonl"))
	if end := all[len(all)-1]; end.what() != "COMPLETE run" || end.Run.RunID != stopped[0].Run.RunID {
		t.Errorf("the events are %v, and the run is %s, before %s", whatOf(all), end.Run.RunID, stopped[0].Run.RunID)
	}
}

// Who does not take the events changes nothing of a night: a receiver that fails, one
// that is away or hangs, and a file that is none. It is said, without the key.
func TestLineageNotTaken(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hangs") {
			<-hanging
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hanging) })
	for to, said := range map[string][]string{
		"{url: '" + server.URL + "/hangs/k-e-y', api_key: k-e-y, file: reports-are-here}": {"lineage did not take all events of this run", "is a directory"},
		"{url: '" + server.URL + "/fails/k-e-y', api_key: k-e-y}":                         {"HTTP 502"},
		"{url: 'http://127.0.0.1:9/k-e-y', api_key: k-e-y}":                               {"connection refused"},
	} {
		g := startGroup(t, "lineage: "+to+"\n")
		if err := os.Mkdir(filepath.Join(g.dir, "reports-are-here"), 0o700); err != nil {
			t.Fatal(err)
		}
		g.limits.Attempt = 100_000_000 // a tenth of a second
		code, log := g.night(11, "--no-report", "--account", "a")
		if code != 0 || strings.Count(log, "msg=") != len(said) || strings.Contains(log, "k-e-y") {
			t.Errorf("%s: the night ends with %d and says %s", to, code, log)
		}
		for _, words := range said {
			if !strings.Contains(log, words) {
				t.Errorf("%s: the night does not say %q: %s", to, words, log)
			}
		}
	}
}
