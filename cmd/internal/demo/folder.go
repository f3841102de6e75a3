package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// marker is the file by which a demo's folder is known.
const marker = ".nightaudit-demo"

const markerText = "This folder was made by `nightaudit demo`.\n" +
	"The next demo in it makes data, published, register, secrets and nightaudit.yaml anew,\n" +
	"and removes what a case laid there.\n"

// made are the entries that a demo makes, of its own world or of a case: a new one
// begins without them. Workbooks stay: a night replaces the one of its date, and people
// may have written into others.
var made = []string{"data", "published", "register", "secrets", configName, "expected", "ledger", "case.json", "README.txt"}

const configName = "nightaudit.yaml"

// Prepare makes dir ready for a demo. It empties an earlier demo's folder of
// what that demo made, and refuses a folder that holds anything else.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w; choose another one with --dir", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the demo's folder: %w; choose another one with --dir", err)
	}
	if len(entries) > 0 {
		text, err := os.ReadFile(filepath.Join(dir, marker))
		if errors.Is(err, fs.ErrNotExist) || (err == nil && !bytes.HasPrefix(text, []byte("This folder was made by"))) {
			return fmt.Errorf("prepare the demo's folder: %s holds files that no demo made (such as %s); choose an empty or a new folder with --dir", dir, entries[0].Name())
		}
		if err != nil {
			return fmt.Errorf("prepare the demo's folder: %w", err)
		}
		for _, name := range made {
			// RemoveAll removes a link, not what it points to.
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("remove what an earlier demo made: %w; remove %s yourself or choose another folder with --dir", err, filepath.Join(dir, name))
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, marker), []byte(markerText), 0o600); err != nil {
		return fmt.Errorf("mark the demo's folder: %w", err)
	}
	return nil
}

// prepare makes dir ready for the demo's own world.
func prepare(dir string) error {
	if err := Prepare(dir); err != nil {
		return err
	}
	for _, name := range []string{"register", "secrets"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return fmt.Errorf("make the demo's folder: %w", err)
		}
	}
	return nil
}

// credentials are made up for one demo.
type credentials struct {
	tuya, akubela, soms, starhotel, pii string
}

// newCredentials draws secrets and writes each into a file of its own that
// nobody else may read.
func newCredentials(dir string) (credentials, error) {
	var c credentials
	for name, into := range map[string]*string{
		"tuya": &c.tuya, "akubela": &c.akubela, "soms": &c.soms, "starhotel": &c.starhotel, "pii-key": &c.pii,
	} {
		b := make([]byte, 16)
		if _, err := rand.Read(b); err != nil {
			return c, fmt.Errorf("draw a secret: %w", err)
		}
		*into = hex.EncodeToString(b)
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(*into), 0o600); err != nil {
			return c, fmt.Errorf("write the demo's secrets: %w", err)
		}
	}
	return c, nil
}

// writeRegister writes what the shop's ordering system kept of each call of
// the courier: a file a month, one answer a line.
func (w *World) writeRegister(dir string) error {
	files := map[string]*bytes.Buffer{}
	for _, c := range w.courierOrders {
		if !c.inRegister {
			continue
		}
		name := c.created.In(w.zone).Format("2006-01") + ".jsonl"
		if files[name] == nil {
			files[name] = &bytes.Buffer{}
		}
		files[name].Write(c.registerLine())
		files[name].WriteByte('\n')
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write the courier's register: %w", err)
		}
	}
	return nil
}
