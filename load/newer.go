package load

import (
	"context"
	"errors"
	"fmt"
	"os"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// ErrNewerSchema is a database that a newer program has written. It was left as
// it is.
var ErrNewerSchema = errors.New("written by a newer nightaudit")

// RefuseNewer refuses a database that a newer program has written, before it is
// opened for writing, for that alone may write its log into it, and before another
// is put in its place. What is not there or cannot be looked at is told by
// whoever opens it.
func RefuseNewer(ctx context.Context, path string) error {
	// Opening a pipe in its place would wait.
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // see above
	}
	w, err := openExisting(ctx, Options{Path: path + "?access_mode=READ_ONLY"})
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	defer w.db.Close() // read only: nothing to lose
	have, err := w.schemaVersion(ctx)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	known, err := sqlfiles.SchemaVersion()
	if err != nil || have <= known {
		return err
	}
	var by string
	if err := scan.One(ctx, w.db, "database/written_by", nil, nil, &by); err != nil || by == "" {
		by = "a newer nightaudit"
	}
	return fmt.Errorf("the database %s: %w: its schema has version %d and this program knows %d; %s wrote it: use that program, or a newer one. Nothing was changed",
		path, ErrNewerSchema, have, known, by)
}
