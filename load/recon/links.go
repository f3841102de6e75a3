package recon

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
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
	err := fs.WalkDir(sqlfiles.FS, sqlfiles.Recon, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sqlfiles.FS.ReadFile(path)
		fmt.Fprintf(h, "%s\x00%s\x00", path, text)
		return err
	})
	if err != nil {
		return "", err
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

// enterOptions writes what the rules join on into the database.
func enterOptions(ctx context.Context, tx Tx, o Options) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM recon.places; DELETE FROM recon.place_rooms; DELETE FROM recon.couriers"); err != nil {
		return err
	}
	for _, p := range o.Places {
		for _, source := range slices.Sorted(maps.Keys(p.Accounts)) {
			for _, account := range p.Accounts[source] {
				if _, err := tx.ExecContext(ctx, "INSERT INTO recon.places VALUES (?, ?, ?)", p.Name, source, account); err != nil {
					return fmt.Errorf("enter place %s: %w", p.Name, err)
				}
			}
		}
		for _, room := range slices.Sorted(maps.Keys(p.Rooms)) {
			if _, err := tx.ExecContext(ctx, "INSERT INTO recon.place_rooms VALUES (?, ?, ?)", p.Name, room, p.Rooms[room]); err != nil {
				return fmt.Errorf("enter the rooms of place %s: %w", p.Name, err)
			}
		}
	}
	for _, c := range o.Couriers {
		if !slices.Contains([]string{"order_id", "order_no", "waybill_no"}, c.Number) {
			return fmt.Errorf("enter courier %s: number %q: want order_id, order_no or waybill_no", c.Account, c.Number)
		}
		for _, carrier := range slices.Compact(slices.Sorted(slices.Values(c.Carriers))) {
			_, err := tx.ExecContext(ctx, "INSERT INTO recon.couriers VALUES (?, ?, ?, ?, ?, ?)", c.Source, c.Account, c.ShopSource, c.ShopAccount, carrier, c.Number)
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
	texts, err := sqlfiles.Files(linksFolder)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE links AS SELECT * EXCLUDE (run_id) FROM recon.links LIMIT 0"); err != nil {
		return err
	}
	s.tables = append(s.tables, "links")
	for _, t := range texts {
		if _, err := tx.ExecContext(ctx, "INSERT INTO links BY NAME SELECT "+quoteText(t.Name)+" AS rule, * FROM (\n"+t.SQL+"\n)"); err != nil {
			return fmt.Errorf("sql/%s: %w", t.Path, err)
		}
	}
	return s.runFile(ctx, tx, "keep_links.sql")
}

// linkTexts are the texts of all ways of matching, and of what they read.
func linkTexts() ([]string, error) {
	texts, err := sqlfiles.Files(linksFolder)
	if err != nil {
		return nil, err
	}
	rooms, err := sqlfiles.FS.ReadFile(sqlfiles.Recon + "/rooms.sql")
	read := []string{string(rooms)}
	for _, t := range texts {
		read = append(read, t.SQL)
	}
	return read, err
}

// checkedBy is the basis of the last check; "" where there was none.
func checkedBy(ctx context.Context, tx Tx) (string, error) {
	var sum string
	err := tx.QueryRowContext(ctx, "SELECT basis_sha256 FROM recon.basis").Scan(&sum)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return sum, err
}
