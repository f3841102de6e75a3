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

// formed are the files of a run's folder that name the form.
var formed = []string{runFile, "seal*.json"}

// readable refuses a store that a newer program has written: it would be read in
// part, and added to in a form that the newer one does not expect.
func (s *Store) readable() error {
	for _, name := range formed {
		files, err := filepath.Glob(filepath.Join(s.dir, "*", "*", "*", "*", name))
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := readableFile(file); err != nil {
				return fmt.Errorf("the landing %s: %w", s.dir, err)
			}
		}
	}
	return nil
}

// readableFile looks at nothing but the form: what is damaged is told by whoever
// reads it.
func readableFile(file string) error {
	data, err := readSmall(file)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	var head struct {
		Format  int    `json:"format"`
		Version string `json:"version"`
		Record  struct {
			Version string `json:"version"`
		} `json:"record"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Format <= Format {
		return nil //nolint:nilerr // see above
	}
	by := "a newer nightaudit"
	if version := cmp.Or(head.Version, head.Record.Version); version != "" {
		by = "nightaudit " + version
	}
	return fmt.Errorf("%w: %s has the format %d and this program knows %d; %s wrote it: use that program, or a newer one. Nothing was changed",
		ErrNewer, filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), head.Format, Format, by)
}
