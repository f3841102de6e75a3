package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/filled"
)

// AnnotateOptions say which workbook is taken in, and by whom.
type AnnotateOptions struct {
	Options
	Workbook string // path
	// Author wrote what stands in it; "" is who the workbook says saved it
	// last, else Options.By.
	Author string
	DryRun bool // only tell what would be taken
}

// AnnotateResult is what became of the rows of a workbook, in its order.
type AnnotateResult struct {
	Author   string
	Rows     []load.Decision
	Taken    int      // breaks with anything new
	Refused  int      // cells and rows of which something could not be taken
	Database string   // published; "" where there was nothing new to see
	Remarks  []string // how it was read where it is not as it was made
	Notices  []string
}

// ErrOtherDatabase is a workbook that was made from another database.
var ErrOtherDatabase = errors.New("the workbook is of another database")

// Annotate takes the status, owner and comment columns of a workbook's sheet
// of breaks into the database: into the log of ledger entries first,
// then into the working database, then published.
//
// Errors are ErrLocked, ErrOtherDatabase and those of filled.Read;
// after them nothing has changed.
func Annotate(ctx context.Context, cfg *config.Config, o AnnotateOptions) (result *AnnotateResult, err error) {
	book, err := filled.Read(o.Workbook)
	if err != nil {
		return nil, err
	}
	begin := beginRun
	if o.DryRun {
		begin = beginLook
	}
	r, end, err := begin(ctx, cfg, o.Options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if id := r.warehouse.ID(); book.Database != id {
		return nil, fmt.Errorf("%s is of the database %s, and this is %s: %w", o.Workbook, book.Database, id, ErrOtherDatabase)
	}
	last, err := r.prepareEntry(ctx)
	if err != nil {
		return nil, err
	}
	decisions, taken, err := r.decide(ctx, book, "")
	if err != nil {
		return nil, err
	}
	result = &AnnotateResult{
		Author: author(o.Author, o.By, book), Rows: decisions, Taken: len(taken), Refused: len(load.Refusals(decisions)), Remarks: remarksOf(book),
	}
	if o.DryRun {
		return result, nil
	}
	if len(taken) == 0 {
		result.Database, result.Notices, err = r.showUnseen(ctx, last)
		return result, err
	}
	r.observer.Stage("annotate")
	if err := r.adopt(ctx, r.run.At); err != nil {
		return nil, err
	}
	a := load.Annotations{EntryID: "annotate-" + r.run.ID, At: r.run.At, Author: result.Author, TakenBy: o.By, Rows: taken}
	if err := r.enterBook(ctx, a, o.Workbook, book, decisions); err != nil {
		return nil, err
	}
	result.Database, result.Notices, err = r.publishEntry(ctx, last, "the annotations are taken, but people do not see them yet")
	if err != nil {
		return nil, err
	}
	return result, nil
}

// author is who wrote into a workbook: the one who is named, else who the
// workbook says saved it last, else who takes it in.
func author(named, by string, book *filled.Workbook) string {
	switch {
	case named != "":
		return named
	case book.Author != "":
		return book.Author
	}
	return by
}
