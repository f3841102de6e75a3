package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// place is a folder with the configuration of an installation over the
// simulated vendors.
type place struct {
	b      *bench
	dir    string
	expect map[string]sums // by source
}

// newPlace writes a configuration for the vendors at an address.
func (b *bench) newPlace(address string, o vendorOptions, concurrency int) (*place, error) {
	dir, err := os.MkdirTemp(b.dir, "place-")
	if err != nil {
		return nil, err
	}
	p := &place{b: b, dir: dir, expect: map[string]sums{}}
	var text strings.Builder
	text.WriteString("version: 1\npii: {documents: drop}\nsources:\n")
	if o.soms > 0 {
		text.WriteString("  soms:\n")
		each := sumOf(o.soms, somsFen)
		p.expect["soms"] = sums{each.Orders * int64(o.accounts), each.Fen * int64(o.accounts)}
	}
	for a := range o.accounts {
		fmt.Fprintf(&text, "    - {account: %s, base_url: %q, tenant_id: %q, rate: 100000/s, concurrency: %d, max_window_rows: 10000000, auth: {kind: basic, username: %s, password: %s}}\n",
			accountName(a), address, tenant(a), concurrency, username, password)
	}
	if o.tuya > 0 {
		p.expect["tuya"] = sumOf(o.tuya, tuyaFen)
		fmt.Fprintf(&text, "  tuya:\n    - {account: hotel, base_url: %q, project_id: %q, rate: 100000/s, concurrency: %d, params_in: query, auth: {kind: tuya, client_id: %s, client_secret: %s}}\n",
			address, projectID, concurrency, clientID, secret)
	}
	return p, os.WriteFile(p.config(), []byte(text.String()), 0o600)
}

func (p *place) config() string { return filepath.Join(p.dir, "nightaudit.yaml") }

// night measures one night and checks that the database holds what the vendors
// do.
func (p *place) night(at time.Time) (usage, error) {
	u, _, err := run(p.b.ctx, p.dir, p.b.binary, "--quiet", "run", "--no-report", "--at", at.Format(time.RFC3339))
	if err != nil {
		return u, err
	}
	return u, p.check()
}

// check compares the published database with what the vendors hold.
func (p *place) check() error {
	text, err := output(p.b.ctx, p.dir, p.b.binary, "query", "--format", "csv", "--file", filepath.Join(p.b.root, "cmd/internal/bench/sums.sql"))
	if err != nil {
		return err
	}
	told := map[string][2]json.Number{}
	for _, line := range strings.Split(text, "\n")[1:] {
		cells := strings.Split(strings.TrimSpace(line), ",")
		told[cells[0]] = [2]json.Number{json.Number(cells[1]), json.Number(cells[2])}
	}
	return equal(p.expect, told)
}

// equal compares what was loaded, by source the number of orders and their sum
// in yuan, with what the vendors hold.
func equal(want map[string]sums, told map[string][2]json.Number) error {
	var wrong []error
	for _, source := range slices.Sorted(maps.Keys(want)) {
		expected := want[source]
		amount, ok := new(big.Rat).SetString(told[source][1].String())
		if told[source][0].String() != fmt.Sprint(expected.Orders) || !ok || amount.Cmp(big.NewRat(expected.Fen, 100)) != 0 {
			wrong = append(wrong, fmt.Errorf("%s: loaded were %s orders, %s CNY; the vendor holds %s", source, told[source][0], told[source][1], expected))
		}
	}
	if len(told) != len(want) {
		wrong = append(wrong, fmt.Errorf("%d sources were loaded, not %d", len(told), len(want)))
	}
	return errors.Join(wrong...)
}

// accountName is how account i of SOMS is called.
func accountName(i int) string {
	if i == 0 {
		return "retail" // whose history is filled in
	}
	return fmt.Sprintf("retail-%d", i+1)
}
