package pipeline

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// brokenChain says that the landing's chain of seals lacks the one that the
// working database was published with: evidence is gone or was changed. The night
// goes on, for what it brings is no worse for that, and ends with 3.
func (r *runner) brokenChain(ctx context.Context) error {
	head, err := r.warehouse.ChainHead(ctx)
	if err != nil || head == "" {
		return err
	}
	has, err := r.landing.Holds(head)
	if err != nil || has {
		return err
	}
	r.broken = fmt.Sprintf("the landing in %s is not the one that was published last: its chain has no seal %.12s…; nightaudit verify says what is gone or was changed", r.landingDir(), head)
	r.log.Error("the landing's chain of seals is broken", "landing", r.landingDir(), "head", head)
	return nil
}

// movedLogs are the folders of what vendors pushed that renameLogs may have moved,
// relative to the landing.
func (r *runner) movedLogs() (moved []landing.Moved) {
	moved = append(moved, r.moved...)
	for a, logDir := range pushedLogs(r.cfg.Accounts) {
		to, err := filepath.Rel(r.landingDir(), logDir)
		if err != nil {
			continue // it lies elsewhere, and no seal names it
		}
		for _, earlier := range a.Aliases {
			from := filepath.Join(filepath.Dir(to), earlier)
			moved = append(moved, landing.Moved{From: filepath.ToSlash(from), To: filepath.ToSlash(to)})
		}
	}
	return moved
}
