package landing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// stagesFile, in a run's folder, has what stages of runs took, a reading a line. It
// is no member of run.json, which every command reads of every run.
const stagesFile = "stages.jsonl"

// AppendStages keeps readings with a run, durably, and gives all that are kept with
// it: a run that was taken up has those of its attempts, and what an earlier run
// left once.
func (s *Store) AppendStages(r RunRecord, readings []meter.Reading) (all []meter.Reading, err error) {
	r = r.asLanded()
	dir, err := s.makeRunDir(r.ID, r.At)
	if err != nil {
		return nil, err
	}
	fail := func(err error) ([]meter.Reading, error) {
		return nil, fmt.Errorf("keep what the stages of run %s took: %w", r.ID, err)
	}
	log, err := sealed.ReopenLog(filepath.Join(s.dir, dir, stagesFile), func(line []byte) error {
		all = appendReading(all, line)
		return nil
	})
	if err != nil {
		return fail(err)
	}
	for _, reading := range readings {
		if reading.Run == r.ID || !slices.Contains(all, reading) {
			all = append(all, reading)
			err = errors.Join(err, log.AppendJSON(reading))
		}
	}
	if err = errors.Join(err, log.Flush(), log.Close()); err != nil {
		return fail(err)
	}
	return all, nil
}

// Stages are the readings that are kept with a run; none where an earlier version
// made it.
func (s *Store) Stages(r RunRecord) (all []meter.Reading, err error) {
	data, err := readSmall(filepath.Join(s.dir, r.dir(), stagesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what the stages of run %s took: %w", r.ID, err)
	}
	for line := range bytes.Lines(data) {
		if bytes.HasSuffix(line, []byte("\n")) { // else it was cut short by a crash
			all = appendReading(all, line)
		}
	}
	return all, nil
}

// appendReading leaves out a line that is not what was written: Verify tells of it.
func appendReading(all []meter.Reading, line []byte) []meter.Reading {
	var r meter.Reading
	if json.Unmarshal(line, &r) != nil || r.Run == "" || r.Stage == "" {
		return all
	}
	return append(all, r)
}
