package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
)

// aliases are the earlier names of the configuration's accounts.
func aliases(cfg *config.Config) (all []load.Alias) {
	for _, a := range cfg.Accounts {
		for _, earlier := range a.Aliases {
			all = append(all, load.Alias{Source: a.Driver.Name, Earlier: earlier, Name: a.Name})
		}
	}
	return all
}

// renameAll gives what stands under earlier names of accounts their names.
func (r *runner) renameAll(ctx context.Context) error {
	for _, alias := range aliases(r.cfg) {
		has, err := r.warehouse.HasRows(ctx, alias.Source, alias.Earlier)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		r.observer.Stage("rename " + alias.Source + "/" + alias.Earlier)
		if err := r.warehouse.Rename(ctx, r.run, alias); err != nil {
			return err
		}
	}
	return nil
}

// renameLogs moves what vendors have pushed for an account under an earlier
// name. Where a listener has begun a log under the new name, both stay.
func (r *runner) renameLogs() error {
	for _, a := range r.cfg.Accounts {
		source, ok := a.Source.(extract.Notified)
		if !ok {
			continue
		}
		pushed, ok := source.Notifications()
		if !ok {
			continue
		}
		for _, earlier := range a.Aliases {
			old := filepath.Join(filepath.Dir(pushed.LogDir), earlier)
			if _, err := os.Stat(pushed.LogDir); !errors.Is(err, fs.ErrNotExist) {
				break
			}
			if err := disk.Rename(old, pushed.LogDir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("rename what was pushed for %s: %w", a.ID(), err)
			}
		}
	}
	return nil
}

// breakIDs are, by the ids that breaks had while their accounts had earlier
// names, the ids that they have.
type breakIDs map[string]string

func (r *runner) breakIDs(ctx context.Context) (breakIDs, error) {
	return r.warehouse.EarlierBreaks(ctx, aliases(r.cfg))
}

// now is the id that a break has.
func (ids breakIDs) now(id string) string {
	if has, ok := ids[id]; ok {
		return has
	}
	return id
}

// named gives annotations the ids that their breaks have now.
func (r *runner) named(ctx context.Context, a load.Annotations) (load.Annotations, error) {
	ids, err := r.breakIDs(ctx)
	if err != nil || len(ids) == 0 {
		return a, err
	}
	a.Rows = slices.Clone(a.Rows)
	for i := range a.Rows {
		a.Rows[i].BreakID = ids.now(a.Rows[i].BreakID)
	}
	return a, nil
}
