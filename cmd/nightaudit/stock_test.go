package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/load"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// stockModules names the environment's folder in which the npm package
// @duckdb/node-api is installed, a DuckDB that is not the one built in here:
//
//	npm install --prefix DIR @duckdb/node-api@1.5.6-r.1
//	NIGHTAUDIT_NODE_DUCKDB=DIR go test ./cmd/nightaudit -run StockDuckDB
const stockModules = "NIGHTAUDIT_NODE_DUCKDB"

// A stock DuckDB of the same line opens what is published and what is
// exported: it sees tables, views and comments, and both read the same.
func TestStockDuckDB(t *testing.T) {
	modules := os.Getenv(stockModules)
	if modules == "" {
		t.Skipf("%s names no folder with @duckdb/node-api", stockModules)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skipf("there is no node to run @duckdb/node-api: %v", err)
	}
	dir := publishedShop(t)
	script, err := filepath.Abs("testdata/stock.mjs")
	if err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join(dir, "lake")
	nightaudit(t, "export", "--config", filepath.Join(dir, "nightaudit.yaml"), "--to", lake)
	command := exec.CommandContext(t.Context(), node, script, modules, filepath.Join(dir, "published", load.PublishedName), lake)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var saw struct {
		Engine          string
		Tables, Views   [][]string
		Bare            [][]string
		Apart           map[string]string
		Published, Lake [][]string
		AsOf            [][]string
	}
	if err := json.Unmarshal(out, &saw); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(saw.Engine, "v1.5.") {
		t.Errorf("the stock DuckDB is %s, of another line", saw.Engine)
	}
	// The dictionary is the origin of the comments; checks find views there too.
	d, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for i := range d.Tables {
		want = append(want, []string{d.Tables[i].Schema + "." + d.Tables[i].Name, d.Tables[i].Comment})
	}
	got := slices.Concat(saw.Tables, saw.Views)
	for _, w := range want {
		if !slices.ContainsFunc(got, func(g []string) bool { return slices.Equal(g, w) }) {
			t.Errorf("it does not see %v", w)
		}
	}
	if len(saw.Views) == 0 || len(saw.Bare) > 0 {
		t.Errorf("%d views; without a comment: %v", len(saw.Views), saw.Bare)
	}
	// Two orders of 20.00 and 30.50, the first made at ten in the morning in China,
	// 2024-04-10 02:00:00 UTC, in milliseconds since 1970.
	orders := [][]string{{"soms", "2", "50.5000", "1712714400000"}}
	if !slices.EqualFunc(saw.Published, orders, slices.Equal) || !slices.EqualFunc(saw.Lake, orders, slices.Equal) {
		t.Errorf("published %v, lake %v, want %v", saw.Published, saw.Lake, orders)
	}
	if !slices.EqualFunc(saw.AsOf, [][]string{{"2"}}, slices.Equal) {
		t.Errorf("orders_as_of(now) has %v orders, want 2", saw.AsOf)
	}
	if saw.Apart["main.orders"] != "0" {
		t.Errorf("main.orders was compared as %q", saw.Apart["main.orders"])
	}
	for table, n := range saw.Apart {
		if n != "0" {
			t.Errorf("%s: %s rows are in the database or in the lake alone", table, n)
		}
	}
}

// publishedShop runs a night over the scripts' shop and gives its folder.
func publishedShop(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: []soms.Order{
		shopOrder("A1", "2024-04-10 10:00:00", "20.00"),
		shopOrder("A2", "2024-04-10 11:00:00", "30.50"),
	}}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	config := "version: 1\npii: {key: k}\nsources:\n  soms:\n    - account: retail\n      base_url: " + server.URL +
		"\n      tenant_id: \"8560\"\n      rate: 1000/s\n      auth: {kind: basic, username: night, password: \"${SHOP_PASSWORD}\"}\n"
	if err := os.WriteFile(filepath.Join(dir, "nightaudit.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	nightaudit(t, "run", "--config", filepath.Join(dir, "nightaudit.yaml"), "--at", "2024-04-11T03:00:00+08:00", "--no-report")
	return dir
}

// nightaudit runs the program in this process and gives its standard output.
func nightaudit(t *testing.T, args ...string) string {
	t.Helper()
	var out, errors bytes.Buffer
	getenv := func(name string) string { return map[string]string{"SHOP_PASSWORD": shopPassword}[name] }
	if code := Run(t.Context(), append([]string{"nightaudit"}, args...), strings.NewReader(""), &out, &errors, getenv); code != exit.Done {
		t.Fatalf("nightaudit %s: exit code %d: %s", strings.Join(args, " "), code, errors.String())
	}
	return out.String()
}
