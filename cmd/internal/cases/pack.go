package cases

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// About says what a case is of, and how it was made.
type About struct {
	Format  int    `json:"format"`
	Version string `json:"version"` // of the program that made it
	Source  string `json:"source"`
	Account string `json:"account"`
	OrderID string `json:"order_id,omitempty"` // of an order
	Run     string `json:"run,omitempty"`      // of what an account brought in a run
	// At is the recorded time of its last run, at which a demo plays it.
	At       time.Time `json:"at"`
	Runs     []string  `json:"runs"`
	Accounts []string  `json:"accounts"`
	Orders   int       `json:"orders,omitempty"` // with those that it is compared with
	Answers  int       `json:"answers"`
	// IDsHidden is set where ids and numbers of orders are made up, too.
	IDsHidden bool     `json:"ids_hidden,omitempty"`
	Notes     []string `json:"notes,omitempty"` // what the case lacks
	// Differences are what comes of the case otherwise than of what it was made of.
	Differences []string `json:"differences,omitempty"`
}

// format of the cases that this program makes and opens.
const format = 1

// Finish writes what comes of the case, what it is, and a word for people.
func (m *Made) Finish(about About, expected Outcome) error {
	about.Format, about.Answers, about.Notes, about.At = format, m.Answers, m.Notes, m.LastRun.At
	data, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the case: %w", err)
	}
	return errors.Join(
		expected.write(filepath.Join(m.Dir, expectedPath)),
		os.WriteFile(filepath.Join(m.Dir, aboutPath), append(data, '\n'), 0o600),
		os.WriteFile(filepath.Join(m.Dir, readmePath), []byte(readme(about)), 0o600),
	)
}

// Pack writes the case as a zip, its files in order.
func (m *Made) Pack(w io.Writer) error {
	z := zip.NewWriter(w)
	err := fs.WalkDir(os.DirFS(m.Dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(m.Dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: m.LastRun.At.UTC()})
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	})
	if err = errors.Join(err, z.Close()); err != nil {
		return fmt.Errorf("pack the case: %w", err)
	}
	return nil
}

// Opened is a case that can be played.
type Opened struct {
	About
	Expected Outcome

	from fs.FS
	done func() error
}

// The most that a case may have: who opens one does not know who made it.
const (
	mostFiles = 100_000
	mostBytes = 4 << 30
)

// Open opens a case, a zip or a folder. What is no case, or leads elsewhere, is refused.
func Open(file string) (*Opened, error) {
	o := &Opened{}
	err := o.open(file)
	if err == nil {
		if err = errors.Join(o.read(), o.measure()); err != nil {
			err = errors.Join(err, o.done())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the case %s: %w", file, err)
	}
	return o, nil
}

// Close closes the file; what was laid stays.
func (o *Opened) Close() error { return o.done() }

// Lay lays the case into a folder, where its configuration is nightaudit.yaml.
func (o *Opened) Lay(dir string) error {
	if err := os.CopyFS(dir, o.from); err != nil {
		return fmt.Errorf("unpack the case: %w", err)
	}
	return nil
}

func (o *Opened) open(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if info.IsDir() {
		o.from, o.done = os.DirFS(file), func() error { return nil }
		return nil
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is neither a file nor a folder")
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	o.from, o.done = z, z.Close
	return nil
}

func (o *Opened) read() error {
	data, err := fs.ReadFile(o.from, aboutPath)
	if err != nil {
		return fmt.Errorf("it is no case: %w", err)
	}
	if err := json.Unmarshal(data, &o.About); err != nil {
		return fmt.Errorf("%s: %w", aboutPath, err)
	}
	if o.Format != format {
		return fmt.Errorf("it has the format %d and this program knows %d: use the program that made it, nightaudit %s, or a newer one", o.Format, format, o.Version)
	}
	settings, err := fs.ReadFile(o.from, settingsPath)
	if err == nil {
		err = checkSettings(settings)
	}
	if err == nil {
		o.Expected, err = readOutcome(o.from)
	}
	return err
}

// measure refuses what nobody has room for, and what is no file.
func (o *Opened) measure() error {
	files, size := 0, int64(0)
	return fs.WalkDir(o.from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files++
		size += info.Size()
		if !info.Mode().IsRegular() || files > mostFiles || size > mostBytes {
			return fmt.Errorf("%s: a case has at most %d files and %d bytes, and nothing but files", name, mostFiles, mostBytes)
		}
		return nil
	})
}
