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
	"slices"
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
	// disabled account, whose secrets may be gone already, and for who wants to
	// see the configuration alone. unread, where set, collects why.
	lenient bool
	unread  *[]string
	// standIn, where set, is the value of such a reference: a text that is taken
	// wherever a secret is.
	standIn string
	// literals and files, where set, collect which secrets stand in the file
	// itself, and the files that others are read from.
	literals *[]Literal
	files    *[]string
}

func (e *expander) expand(n *node, path string) {
	if enabled := n.get("enabled"); enabled != nil && enabled.value == "false" {
		disabled := *e
		disabled.lenient = true
		e = &disabled
	}
	for _, p := range n.pairs {
		e.expand(p.value, join(path, p.key))
	}
	for i, v := range n.items {
		e.expand(v, item(path, i))
	}
	if n.kind != textual && n.kind != plain {
		return
	}
	if n.expanded { // an alias: it may be a secret here alone
		if n.written == "" {
			e.literal(n, path, n.value)
		}
		return
	}
	n.expanded = true
	written := n.value
	if n.kind == plain {
		e.literal(n, path, written)
		return
	}
	n.value = reference.ReplaceAllStringFunc(n.value, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		n.written = written
		value, err := e.resolve(ref)
		if err != nil {
			if !e.lenient {
				e.add(n, path, "%v", err)
			} else if e.unread != nil {
				*e.unread = append(*e.unread, shownKey(path)+": "+err.Error())
			}
			n.unread = true
			if e.standIn != "" {
				return e.standIn
			}
			return ref
		}
		e.secrets = append(e.secrets, secret{shownReference(ref), value})
		return value
	})
	e.literal(n, path, written)
}

// secretKeys are the last parts of the keys that hold what nobody else may know.
var secretKeys = []string{"healthcheck_url", "api_key", "secret", "client_secret", "password", "token", "value", "identity", "key"}

// IsSecret reports whether a key holds a secret. key: is one of pii only, and
// what a signature sends besides (auth.values) may be one. Who has the address of a
// channel, or what is sent with a message, may send messages.
func IsSecret(path string) bool {
	parts := strings.Split(path, ".")
	last := parts[len(parts)-1]
	if last == "key" {
		return path == "pii.key"
	}
	if strings.HasPrefix(path, "notify[") && (last == "url" || len(parts) > 2 && parts[1] == "headers") {
		return true
	}
	return slices.Contains(secretKeys, last) || len(parts) > 2 && parts[len(parts)-2] == "values"
}

// literal notes a secret that stands in the file itself.
func (e *expander) literal(n *node, path, written string) {
	if written == "" || reference.MatchString(written) || !IsSecret(path) {
		return
	}
	if written == covered {
		e.add(n, path, "is what nightaudit config prints in place of a secret: write the secret, or better ${NAME} or ${file:PATH}")
	}
	e.secrets = append(e.secrets, secret{hidden, n.value})
	if e.literals != nil && !strings.Contains(path, ".values.") {
		*e.literals = append(*e.literals, Literal{Key: shownKey(path), Line: n.line})
	}
}

// shownReference is a reference as messages name it: what looks like no name
// may be the secret itself.
func shownReference(ref string) string {
	if shownName.MatchString(ref) || strings.HasPrefix(ref, "${file:") { // it was read: it is a file
		return ref
	}
	return "${" + hidden + "}"
}

var shownName = regexp.MustCompile(`^\$\{[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\}$`)

func (e *expander) resolve(ref string) (string, error) {
	name, closed := strings.CutSuffix(strings.TrimPrefix(ref, "${"), "}")
	if file, ok := strings.CutPrefix(name, "file:"); ok && closed {
		return e.readFile(file)
	}
	if !closed || !envName.MatchString(name) {
		return "", errors.New("holds a ${ that begins no reference: write ${NAME} or ${file:PATH}, and $${ for the characters themselves")
	}
	// An .env file that an editor saved brings its marks into the environment.
	value, err := secretText([]byte(e.getenv(name)))
	if err != nil {
		return "", fmt.Errorf("environment variable %s %w", shownVariable(name), err)
	}
	if value == "" {
		return "", fmt.Errorf("environment variable %s is not set or empty: set it, or name another one here", shownVariable(name))
	}
	return value, nil
}

// shownVariable is the name of a variable as messages show it.
func shownVariable(name string) string {
	if shownName.MatchString("${" + name + "}") {
		return name
	}
	return hidden
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
	name = shownPath(e.dir, name)
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
	if mode := info.Mode().Perm(); mode&0o066 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("secret file %s can be read or changed by group or others (mode %04o): chmod 600 it", name, mode)
	}
	if e.files != nil {
		*e.files = append(*e.files, path)
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

// shownPath is the path of a secret file as messages name it. One that leads
// nowhere may be the secret itself.
func shownPath(dir, name string) string {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if _, err := os.Stat(path); err == nil {
		return name
	}
	if plainPath.MatchString(filepath.ToSlash(name)) {
		return name
	}
	return hidden
}

// plainPath is what the path of a secret file mostly looks like.
var plainPath = regexp.MustCompile(`^([A-Za-z]:)?/?([a-z._-]+/)+[a-z][a-z0-9._-]*$`)

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
