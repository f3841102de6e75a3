package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
)

// reference is ${NAME} or ${file:PATH}; $${ stands for the characters ${.
var (
	reference = regexp.MustCompile(`\$?\$\{[^{}]*\}?`)
	envName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// expander replaces references in string values after the YAML was parsed,
// so that a secret can never change the structure of the file. What it puts
// in is not looked at again.
type expander struct {
	*problems
	getenv func(string) string
	dir    string
	// lenient leaves a reference that cannot be read as it stands: inside a
	// disabled account, whose secrets may be gone already.
	lenient bool
}

func (e *expander) expand(n *node, path string) {
	if enabled := n.get("enabled"); enabled != nil && enabled.value == "false" {
		e = &expander{e.problems, e.getenv, e.dir, true}
	}
	for _, p := range n.pairs {
		e.expand(p.value, join(path, p.key))
	}
	for i, v := range n.items {
		e.expand(v, item(path, i))
	}
	if n.kind != text || n.expanded {
		return
	}
	n.expanded = true
	n.value = reference.ReplaceAllStringFunc(n.value, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		value, err := e.resolve(ref)
		if err != nil {
			if !e.lenient {
				e.add(n, path, "%v", err)
			}
			return ref
		}
		e.secrets = append(e.secrets, secret{ref, value})
		return value
	})
}

func (e *expander) resolve(ref string) (string, error) {
	name, closed := strings.CutSuffix(strings.TrimPrefix(ref, "${"), "}")
	if file, ok := strings.CutPrefix(name, "file:"); ok && closed {
		return e.readFile(file)
	}
	if !closed || !envName.MatchString(name) {
		return "", fmt.Errorf("%s is no reference: write ${NAME} or ${file:PATH}, and $${ for the characters themselves", ref)
	}
	// An .env file that an editor saved brings its marks into the environment.
	value, err := secretText([]byte(e.getenv(name)))
	if err != nil {
		return "", fmt.Errorf("environment variable %s %w", name, err)
	}
	if value == "" {
		return "", fmt.Errorf("environment variable %s is not set or empty: set it, or name another one here", name)
	}
	return value, nil
}

const maxSecret = 64 << 10 // bytes; a secret is a line, not a document

// readFile reads a secret of one file, without the line break at its end.
func (e *expander) readFile(name string) (string, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.dir, path)
	}
	if name == "" {
		return "", fmt.Errorf("${file:} names no file: write ${file:PATH}")
	}
	f, info, err := disk.Open(path, maxSecret)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("secret file %s cannot be read: %w; create it with mode 0600", name, reason(err))
	case errors.Is(err, disk.ErrNotRegular), errors.Is(err, disk.ErrTooLarge):
		return "", fmt.Errorf("secret file %s cannot be read: %w; name a file that holds the secret alone", name, reason(err))
	case err != nil:
		return "", fmt.Errorf("secret file %s cannot be read: %w; it must belong to the user who runs nightaudit", name, reason(err))
	}
	defer f.Close() // read only: nothing to lose
	// Windows keeps access in lists that a mode does not show.
	if mode := info.Mode().Perm(); mode&0o044 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("secret file %s is readable by group or others (mode %04o): chmod 600 it", name, mode)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret))
	if err != nil {
		return "", fmt.Errorf("secret file %s cannot be read: %w", name, reason(err))
	}
	value, err := secretText(data)
	if err != nil {
		return "", fmt.Errorf("secret file %s %w", name, err)
	}
	if value == "" {
		return "", fmt.Errorf("secret file %s is empty: write the secret into it", name)
	}
	return value, nil
}

// secretText is a secret without what an editor put around it: the byte order
// mark before it, and the line break at its end.
func secretText(data []byte) (string, error) {
	text, err := disk.Text(data)
	return strings.TrimRight(text, "\n"), err
}

// reason is the cause of a file error without its path, which the message
// names as the operator wrote it.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}
