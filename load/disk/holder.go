package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// HeldError is a lock that another process holds.
type HeldError struct {
	Process int       `json:"process"` // 0 where it is not known: it has only just taken the lock
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
}

// Error is "process 4711 on db1 holds it since 2026-12-01T00:30:07Z".
func (e *HeldError) Error() string {
	if e.Process == 0 {
		return "which process holds it is not known"
	}
	return fmt.Sprintf("process %d on %s holds it since %s", e.Process, e.Host, e.Since.UTC().Format(time.RFC3339))
}

// Take locks a file, which is made with a mode where there is none, and writes into it
// who holds it and since when. Where another process does, it says so with a *HeldError.
func Take(path string, mode fs.FileMode, since time.Time) (release func() error, err error) {
	lock := Lock(path, mode)
	ok, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, holderOf(path)
	}
	// Words for others are no reason to fail: on a full disk there is no room for them.
	_ = writeHolder(path, since)
	return func() error {
		_ = writeLock(path, nil)
		return lock.Unlock()
	}, nil
}

func writeHolder(path string, since time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	data, err := json.Marshal(HeldError{os.Getpid(), host, since.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return writeLock(path, append(data, '\n'))
}

func writeLock(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC|nonBlocking|noFollow, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// holderOf reads who holds the lock at path.
func holderOf(path string) *HeldError {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking|noFollow, 0)
	if err != nil {
		return &HeldError{}
	}
	defer f.Close() // read only: nothing to lose
	var held HeldError
	if err := json.NewDecoder(io.LimitReader(f, 1<<12)).Decode(&held); err != nil {
		return &HeldError{}
	}
	return &held
}
