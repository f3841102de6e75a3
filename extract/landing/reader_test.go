package landing

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// readByDefault are the attacks that the reader in Python is tried with at once;
// with NIGHTAUDIT_SLOW it is with all.
var readByDefault = []string{"two segments swapped with their manifests", "a line edited", "a seal made anew"}

// readLanding runs the reader that goes by docs/landing-format.md and knows nothing of
// this program.
func readLanding(t testing.TB, what, dir string) (out string, code int) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3: the landing is not read by another program")
	}
	if _, err := exec.LookPath("zstd"); err != nil && exec.Command(python, "-c", "import compression.zstd").Run() != nil {
		t.Skip("neither the program zstd nor Python's module: the landing is not read by another program")
	}
	text, err := exec.Command(python, "testdata/read_landing.py", what, dir).CombinedOutput()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		return string(text), ended.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return string(text), 0
}

// The landing can be read and verified by its description alone.
func TestLandingIsReadWithoutUs(t *testing.T) {
	s, heads := sealedLanding(t)
	// Three runs of two streams with three answers each; four lines of people.
	want := "3 runs, 2 seals, 18 answers, 4 entries of people, head " + heads[1] + "\n"
	if out, code := readLanding(t, "verify", s.dir); out != want || code != 0 {
		t.Errorf("the reader ends with %d: %s, want %s", code, out, want)
	}
	out, _ := readLanding(t, "runs", s.dir)
	if lines := strings.Split(out, "\n"); len(lines) != 4 || !strings.HasSuffix(lines[0], " complete ") || !strings.HasSuffix(lines[1], " died ") {
		t.Errorf("runs %s", out)
	}
}
