package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
)

// state is what all channels were told, kept in a file of the data folder: not in
// the database, which a replay makes anew.
type state struct {
	Version int `json:"version"` // of this shape: 1
	// Run is the last run whose end was told.
	Run      string            `json:"run"`
	Channels map[string]memory `json:"channels"` // by name
}

const stateVersion = 1

// maxState bounds the file: some 100,000 breaks told to each of some channels.
const maxState = 256 << 20

// readState reads what was told. An error means that it cannot be known: the state
// is an empty one then.
func readState(file string) (*state, error) {
	empty := &state{Version: stateVersion, Channels: map[string]memory{}}
	data, err := disk.Read(file, maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	var s state
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil && s.Version != stateVersion {
		err = fmt.Errorf("it is of version %d, and this program reads %d", s.Version, stateVersion)
	}
	if err != nil {
		return empty, fmt.Errorf("read what was told before (%s): %w", file, err)
	}
	if s.Channels == nil {
		s.Channels = empty.Channels
	}
	return &s, nil
}

func (s *state) write(file string) error {
	err := disk.Replace(file, 0o600, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(s)
	})
	if err != nil {
		return fmt.Errorf("keep what was told (%s): %w", file, err)
	}
	return nil
}

// since is when a trouble began, as far as some channel was told; at where none was.
func (s *state) since(key troubleKey, at time.Time) time.Time {
	for _, m := range s.Channels {
		if t, ok := m.Troubles[key]; ok && t.Since.Before(at) {
			at = t.Since
		}
	}
	return at
}
