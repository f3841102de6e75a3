package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// command runs a program of the operator's, which reads the message as JSON.
type command struct {
	args []string
	dir  string
}

func openCommand(s *Settings, dir string) (sender, error) {
	if len(s.Command) == 0 || s.Command[0] == "" {
		return nil, extract.BadKey("command", "is empty: write the program and its arguments, as [./on-night.sh]")
	}
	args := append([]string{}, s.Command...)
	if strings.ContainsAny(args[0], `/\`) { // else it is looked for in PATH
		args[0] = path(dir, args[0])
	}
	return &command{args: args, dir: dir}, nil
}

func (c *command) host() string         { return "" }
func (c *command) every() time.Duration { return 0 }
func (c *command) slow() bool           { return true }

func (c *command) send(ctx context.Context, m *Message, _ *sending) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir, cmd.Stdin = c.dir, bytes.NewReader(append(body, '\n'))
	cmd.WaitDelay = time.Second // what it started may hold its output open
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ended):
		return &refusal{why: fmt.Sprintf("the command ended with %s", ended.ProcessState), do: "run it by hand to see why"}
	}
	return &refusal{why: fmt.Sprintf("the command could not be run: %v", err), do: "see that it exists and may be executed"}
}
