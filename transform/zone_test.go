package transform

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// What a time is worth, and its business date, do not depend on the zone of
// the machine: the tables of cases hold in other processes with other TZ.
func TestProcessZone(t *testing.T) {
	const name = "NIGHTAUDIT_TEST_ZONE"
	if os.Getenv(name) != "" {
		t.Skip("this is the other process")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "-test.run", "^(TestTimeTexts|TestClocks.*)$", "-test.v")
			cmd.Env = append(os.Environ(), "TZ="+zone, name+"=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("--- PASS: TestTimeTexts")) {
				t.Errorf("in %s: %v\n%s", zone, err, out)
			}
		})
	}
}
