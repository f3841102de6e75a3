package landing

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
)

// Format is the form of the landing that this program writes
// (docs/landing-format.md): run.json and seals name it, landings of before seals
// name none. A program that writes anything that an older one would take for
// something else, or pass over, gives it the next number.
const Format = 1

// ErrNewer is a landing that a newer program has written. It was left as it is.
var ErrNewer = errors.New("written by a newer nightaudit")

// newerForm refuses a file of a form that this program does not know: a run or a seal
// would be read in part, and added to in a form that the newer program does not
// expect. It looks at nothing else, for the rest may be anything.
func newerForm(file string, data []byte) error {
	var head struct {
		Format  int    `json:"format"`
		Version string `json:"version"`
		Record  struct {
			Version string `json:"version"`
		} `json:"record"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format <= Format {
		return nil //nolint:nilerr // damaged, or known
	}
	by := "a newer nightaudit"
	if version := cmp.Or(head.Version, head.Record.Version); version != "" {
		by = "nightaudit " + version
	}
	return fmt.Errorf("%w: %s has the format %d and this program knows %d; %s wrote it: use that program, or a newer one. Nothing was changed",
		ErrNewer, filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), head.Format, Format, by)
}
