package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// usage is what a process and those that it started took.
type usage struct {
	wall, cpu time.Duration // cpu is user and system time together
	peak      int64         // resident bytes of the largest of them
}

// run runs a program to its end in a folder and measures it. What it printed
// is returned, and is part of the error where it failed.
func run(ctx context.Context, dir string, program ...string) (usage, string, error) {
	c := exec.CommandContext(ctx, program[0], program[1:]...)
	var stdout, stderr bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = dir, &stdout, &stderr
	c.Env = append(os.Environ(), "RUNTIME__DLTHUB_TELEMETRY=false", "NIGHTAUDIT_NO_PROGRESS=1")
	began := time.Now()
	err := c.Run()
	u := usage{wall: time.Since(began)}
	if err != nil {
		return u, "", fmt.Errorf("%s: %w\n%s%s", strings.Join(program, " "), err, tail(stdout.String()), tail(stderr.String()))
	}
	u.cpu = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	u.peak = peakMemory(c.ProcessState)
	return u, stdout.String(), nil
}

// output is what a program prints that is not measured.
func output(ctx context.Context, dir string, program ...string) (string, error) {
	_, text, err := run(ctx, dir, program...)
	return strings.TrimSpace(text), err
}

// tail is the end of a long text.
func tail(text string) string {
	const most = 4000
	return text[max(0, len(text)-most):]
}
