package main

import (
	"io"
	"os"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// console is standard error: errors and log lines, and on a terminal the
// progress, which log lines must not tear.
type console struct {
	out      io.Writer
	terminal bool // a person looks at it
	colour   bool

	mu sync.Mutex
	// above, if set, prints lines above what is being drawn.
	above func(line string)
}

func newConsole(w io.Writer, getenv func(string) string) *console {
	return &console{out: w, terminal: isTerminal(w), colour: wantsColour(w, getenv)}
}

// wantsColour follows https://no-color.org.
func wantsColour(w io.Writer, getenv func(string) string) bool {
	return isTerminal(w) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth is the number of columns of a terminal, 0 for anything else.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// Write prints whole lines.
func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	above := c.above
	c.mu.Unlock()
	if above != nil {
		above(strings.TrimSuffix(string(b), "\n"))
		return len(b), nil
	}
	return c.out.Write(b)
}

func (c *console) draw(above func(line string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.above = above
}

var (
	red    = text.Colors{text.FgRed, text.Bold}
	yellow = text.Colors{text.FgYellow}
	green  = text.Colors{text.FgGreen}
)

// paint colours a text where colours are wanted.
func (c *console) paint(colours text.Colors, s string) string { return paint(c.colour, colours, s) }

func paint(wanted bool, colours text.Colors, s string) string {
	if !wanted {
		return s
	}
	// The library decides by the process's own standard output otherwise.
	return colours.EscapeSeq() + s + text.Reset.EscapeSeq()
}
