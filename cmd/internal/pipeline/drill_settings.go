package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
)

// A drill makes a database under the configuration of now, all of it. Where one of the
// settings was another when rows were loaded, tables differ by right: then that is said,
// and which.

// otherSettings are the settings under which a database was made, in part or in whole, and
// that are not those of the configuration.
type otherSettings struct {
	edited   bool            // the configuration is not that of the last run
	changes  []string        // in words
	accounts map[string]bool // that they are of, as source/account
	waits    bool            // one of them is not carried out yet
}

// settingsOf finds them in a copy that is brought up to date.
func (d *drill) settingsOf(ctx context.Context, w *load.Warehouse) (*otherSettings, error) {
	s := &otherSettings{edited: d.runs[len(d.runs)-1].ConfigSHA256 != d.cfg.SHA256, accounts: map[string]bool{}}
	carried, err := w.ChangesOfBasis(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range carried {
		s.add(c.AccountID.String(), fmt.Sprintf("%s, which run %s carried out", c.BasisChange, c.Run))
	}
	if !s.edited { // then what rests on others was altered
		return s, nil
	}
	known, err := w.Bases(ctx)
	if err != nil {
		return nil, err
	}
	for i := range d.cfg.Accounts {
		if of := d.restatementOf(&d.cfg.Accounts[i], known); of != nil {
			s.add(of.After.String(), changesText(of.Changes)+", which no run has carried out yet")
			s.waits = true
		}
	}
	return s, nil
}

func (s *otherSettings) add(account, change string) {
	s.changes, s.accounts[account] = append(s.changes, account+": "+change), true
}

// entered are tables that hold nothing but what the configuration says, by the key that
// says it.
var entered = map[string]string{"audit.names": "names", "audit.hotel_rooms": "links (rooms_available)", "recon.places": "links"}

// explain tells which of the differences follow from other settings, or cannot be told
// from what follows: a difference in rows of other accounts does not. It gives the rest.
func (s *otherSettings) explain(all []load.TableDifference) (explained, others []load.TableDifference) {
	links := false
	for _, t := range all {
		if key := entered[t.Table]; key != "" && s.edited && t.Lacking == "" {
			s.changes, s.waits = append(s.changes, key), true
			links = links || t.Table == "recon.places"
		}
	}
	for _, t := range all {
		strange := slices.ContainsFunc(t.Accounts, func(account string) bool { return !s.accounts[account] })
		follows := false
		switch {
		case t.Lacking != "":
		case entered[t.Table] != "":
			follows = s.edited
		case strings.HasPrefix(t.Table, "recon."): // a break has the account of one side alone
			follows = links || len(s.accounts) > 0
		default:
			follows = len(s.accounts) > 0 && !strange
		}
		if follows {
			explained = append(explained, t)
		} else {
			others = append(others, t)
		}
	}
	return explained, others
}

// String says which settings they are, and what to do.
func (s *otherSettings) String() string {
	do := "nightaudit replay makes it anew under them, and a test after that compares like with like"
	if s.waits {
		do = "nightaudit run brings it to them; " + do
	}
	return "the settings have changed, and it was not made under those of now alone: " + strings.Join(s.changes, "; ") + "; " + do
}

// judge says what differs in a copy: what follows from other settings, and what was
// altered.
func (d *drill) judge(path string, s *otherSettings, all []load.TableDifference) {
	explained, others := s.explain(all)
	if len(explained) > 0 {
		d.find("", path, landing.Settings, s.String())
	}
	for _, of := range []struct {
		kind   landing.Kind
		tables []load.TableDifference
	}{{landing.Settings, explained}, {landing.Altered, others}} {
		for _, t := range of.tables {
			d.find("", path+": "+t.Table, of.kind, t.String())
		}
	}
}
