package recon

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
)

// Options are what a check is told beside the run.
type Options struct {
	// Places and Couriers say which systems belong together; without them
	// nothing is compared across systems.
	Places   []Place
	Couriers []Courier
	// Zone is the name of the time zone in which sentences state an instant;
	// "" is UTC.
	Zone string
	// Version of the program: a new one checks every order anew.
	Version string
	// Full checks every order, changed or not.
	Full bool
}

// Place is a place whose systems are compared with each other.
type Place struct {
	Name     string
	Accounts map[string][]string // by source
	// Rooms translates the other systems' names of rooms into the PMS's,
	// both as they stand in the database.
	Rooms map[string]string
}

// Courier is a courier's account that delivers a shop's orders.
type Courier struct {
	Source, Account         string
	ShopSource, ShopAccount string
	Carriers                []string // the courier's ids on the shop's orders
	// Number is the shop's number by which the courier knows an order:
	// order_id, order_no or waybill_no.
	Number string
}

// linksFolder holds one file for each way of matching orders of two systems.
const linksFolder = sqlfiles.Recon + "/links"

// basis is a hash of all that decides how orders are compared, apart from the
// orders. While it stands, what did not change needs no new check.
func basis(rules []Rule, o Options) (string, error) {
	h := sha256.New()
	for _, r := range rules {
		fmt.Fprintf(h, "%s\x00%s\x00", r.path, r.text)
	}
	for _, folder := range []string{sqlfiles.Recon, sqlfiles.Engines} {
		if err := hashFiles(h, folder); err != nil {
			return "", err
		}
	}
	fmt.Fprintf(h, "currencies\x00%s\x00", strings.Join(transform.Currencies(), " "))
	o.Full = false
	configured, err := json.Marshal(o) // maps are written in the order of their keys
	if err != nil {
		return "", err
	}
	h.Write(configured)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashFiles writes the files of a folder of sql into a hash.
func hashFiles(h io.Writer, folder string) error {
	return fs.WalkDir(sqlfiles.FS, folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sqlfiles.FS.ReadFile(path)
		fmt.Fprintf(h, "%s\x00%s\x00", path, text)
		return err
	})
}

// enterOptions writes what the rules join on into the database.
func enterOptions(ctx context.Context, tx Tx, o Options) error {
	for _, p := range o.Places {
		for _, source := range slices.Sorted(maps.Keys(p.Accounts)) {
			for _, account := range p.Accounts[source] {
				if err := scan.Exec(ctx, tx, "recon/enter_place", nil, p.Name, source, account); err != nil {
					return fmt.Errorf("enter place %s: %w", p.Name, err)
				}
			}
		}
		for _, room := range slices.Sorted(maps.Keys(p.Rooms)) {
			if err := scan.Exec(ctx, tx, "recon/enter_room", nil, p.Name, room, p.Rooms[room]); err != nil {
				return fmt.Errorf("enter the rooms of place %s: %w", p.Name, err)
			}
		}
	}
	for _, c := range o.Couriers {
		if !slices.Contains([]string{"order_id", "order_no", "waybill_no"}, c.Number) {
			return fmt.Errorf("enter courier %s: number %q: want order_id, order_no or waybill_no", c.Account, c.Number)
		}
		for _, carrier := range slices.Compact(slices.Sorted(slices.Values(c.Carriers))) {
			err := scan.Exec(ctx, tx, "recon/enter_courier", nil, c.Source, c.Account, c.ShopSource, c.ShopAccount, carrier, c.Number)
			if err != nil {
				return fmt.Errorf("enter courier %s: %w", c.Account, err)
			}
		}
	}
	return nil
}

// link matches the orders in scope across systems into the temporary table
// links, and brings recon.links up to date.
func link(ctx context.Context, tx Tx, s *scope) error {
	ways, err := sqlfiles.Files(linksFolder)
	if err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "recon/links", nil); err != nil {
		return err
	}
	s.tables = append(s.tables, "links")
	for _, way := range ways {
		if way.SQL, err = sqlfiles.Expand(sqlfiles.DuckDB, way); err != nil {
			return err
		}
		if err := scan.Exec(ctx, tx, "recon/find_links", way); err != nil {
			return fmt.Errorf("sql/%s: %w", way.Path, err)
		}
	}
	return s.run(ctx, tx, "keep_links")
}

// linkTexts are the texts of all ways of matching, and of what they read.
func linkTexts() ([]string, error) {
	ways, err := sqlfiles.Files(linksFolder)
	if err != nil {
		return nil, err
	}
	rooms, err := sqlfiles.Statement("recon/rooms", nil)
	read := []string{rooms}
	for _, way := range ways {
		read = append(read, way.SQL)
	}
	return read, err
}

// checkedBy is the basis of the last check; "" where there was none.
func checkedBy(ctx context.Context, tx Tx) (string, error) {
	var sum string
	err := scan.One(ctx, tx, "recon/basis", nil, nil, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return sum, err
}
