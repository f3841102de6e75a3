package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/reports/labels"
)

const defaultConfig = "nightaudit.yaml"

// app is what every command works with.
type app struct {
	args   []string
	stdin  io.Reader
	stdout io.Writer
	stderr *console
	getenv func(string) string
	now    func() time.Time
	// program is how to call this program, for what to try next.
	program string
	telling notify.Limits // of telling people; the zero value but in tests

	// names are what accounts, stores and channels are called, once the configuration is
	// read, or, by commands that only read what was published, that.
	names labels.Names

	// From the global flags, once they are parsed.
	configFile string
	quiet      bool
	progress   bool // draw progress
	json       bool // log and errors as JSON
	log        *slog.Logger
	running    currentRun // which lines of JSON name
}

// Run is the whole program but for the process: it returns the exit code.
// args starts with the program's name.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	a := &app{args: args, stdin: stdin, stdout: stdout, stderr: newConsole(stderr, getenv), getenv: getenv, now: time.Now, program: programName(args)}
	a.log = slog.New(slog.NewTextHandler(a.stderr, nil))
	told := context.AfterFunc(ctx, func() {
		if a.stderr.terminal && getenv(engineVariable) == "" {
			fmt.Fprintln(a.stderr, "stopping; Ctrl-C once more ends at once")
		}
	})
	defer told()
	return a.report(ctx, a.root().Run(ctx, args))
}

func (a *app) root() *cli.Command {
	root := &cli.Command{
		Name:  "nightaudit",
		Usage: "one database and one workbook a night, in which every figure can be traced",
		Description: "Start with: nightaudit demo\n" +
			"Then: nightaudit init, check, probe, run --dry-run, run; each says what comes next",
		Version:               versionText(),
		Writer:                a.stdout,
		ErrWriter:             a.stderr,
		Reader:                a.stdin,
		EnableShellCompletion: true,
		ExitErrHandler:        func(context.Context, *cli.Command, error) {}, // main alone exits
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Value: defaultConfig, DefaultText: defaultConfig + ", or NIGHTAUDIT_CONFIG", Usage: "the configuration's `FILE`", TakesFile: true},
			&cli.StringFlag{Name: "log-format", Value: "text", Usage: "`FORMAT` of log lines: text or json"},
			&cli.StringFlag{Name: "log-level", DefaultText: "warn", Usage: "log from this `LEVEL` on: debug, info, warn or error"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing when all is well; no progress, and errors only"},
			&cli.BoolFlag{Name: "no-progress", Usage: "no progress on the terminal"},
		},
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.Hidden = false
			c.Usage = "print a completion script for bash, zsh, fish or pwsh"
			c.ArgsUsage = "SHELL"
			setUsageErrors(c)
		},
		Before: a.before,
		Action: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return cli.ShowRootCommandHelp(c)
			}
			name := c.Args().First()
			return usage(fmt.Sprintf("there is no command %q", name), didYouMean(nearestCommand(c.Commands, name))+"nightaudit help lists the commands")
		},
		Commands: []*cli.Command{
			a.demoCommand(),
			a.initCommand(),
			a.checkCommand(), a.probeCommand(),
			a.configCommand(),
			a.runCommand(),
			a.replayCommand(),
			a.closeCommand(),
			a.annotateCommand(),
			a.reportCommand(),
			a.checkBreaksCommand(),
			a.queryCommand(),
			a.describeCommand(),
			a.traceCommand(),
			a.caseCommand(),
			a.runsCommand(),
			a.statusCommand(),
			a.verifyCommand(),
			a.exportCommand(),
			a.lakeCommand(),
			a.listenCommand(),
			a.notifyCommand(),
			a.versionCommand(),
		},
	}
	setUsageErrors(root)
	return root
}

// before reads the global flags.
func (a *app) before(ctx context.Context, c *cli.Command) (context.Context, error) {
	a.configFile = c.String("config")
	if env := a.getenv("NIGHTAUDIT_CONFIG"); env != "" && !c.IsSet("config") {
		a.configFile = env
	}
	a.quiet = c.Bool("quiet")
	a.progress = a.stderr.terminal && !a.quiet && !c.Bool("no-progress")

	level := slog.LevelWarn // who runs the night wants silence or a clear message
	if words := c.String("log-level"); words != "" {
		if err := level.UnmarshalText([]byte(words)); err != nil {
			return ctx, usage(fmt.Sprintf("--log-level %q is none", words), "write debug, info, warn or error")
		}
	}
	if a.quiet {
		level = slog.LevelError
	}
	options := &slog.HandlerOptions{Level: level}
	switch format := c.String("log-format"); format {
	case "text":
		a.log = slog.New(slog.NewTextHandler(a.stderr, options))
	case "json":
		a.json = true
		a.log = slog.New(runLog{slog.NewJSONHandler(a.stderr, options), &a.running})
	default:
		return ctx, usage(fmt.Sprintf("--log-format %q is none", format), "write text or json")
	}
	return ctx, nil
}

// load reads the configuration with all sources. now is the night's recorded
// clock.
func (a *app) load(now func() time.Time) (*config.Config, error) {
	return a.loadFor(now, extract.HTTPLimits{})
}

// loadFor reads it for a command that repeats a request, and waits before that,
// no more than most says; 0 leaves both to the configuration.
func (a *app) loadFor(now func() time.Time, most extract.HTTPLimits) (*config.Config, error) {
	return a.loadLogging(now, most, a.log)
}

// loadLogging is loadFor where sources log elsewhere.
func (a *app) loadLogging(now func() time.Time, most extract.HTTPLimits, to *slog.Logger) (*config.Config, error) {
	return a.loadWith(config.Options{
		Drivers:    all.Drivers(),
		Env:        extract.Env{Now: now, Log: to, Tokens: new(extract.TokenStore), HTTP: most},
		MaxRetries: most.Retries,
	})
}

func (a *app) stdoutColour() bool { return wantsColour(a.stdout, a.getenv) }

// loadReader reads the configuration for a command that only reads what was
// published.
func (a *app) loadReader() (*config.Config, error) {
	return a.loadWith(config.Options{Reader: true})
}

func (a *app) loadWith(o config.Options) (*config.Config, error) {
	o.Getenv = a.getenv
	c, err := config.Load(a.configFile, o)
	if err != nil {
		return nil, &failure{code: exit.Usage, what: "the configuration is not usable", err: err, do: "mend what is named above, then: nightaudit check"}
	}
	if c.Names != nil { // whoever only reads takes them from what was published
		a.names = c.Names
	}
	return c, nil
}

// setUsageErrors makes the library return usage errors in place of printing
// them with a page of help.
func setUsageErrors(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error {
		name := strings.TrimSpace(c.FullName())
		words := err.Error()
		hint := name + " --help lists the flags"
		if flag, ok := strings.CutPrefix(words, "flag provided but not defined: -"); ok {
			words = "there is no flag " + dashes(flag)
			flags := append([]cli.Flag{}, c.Flags...)
			if root := c.Root(); root != c {
				flags = append(flags, root.Flags...)
			}
			hint = didYouMean(nearestFlag(flags, strings.TrimLeft(flag, "-"))) + hint
		}
		return usage(name+": "+words, hint)
	}
	for _, sub := range c.Commands {
		setUsageErrors(sub)
	}
}

// nearestCommand is the command that a slip of the hand made name of, or "".
func nearestCommand(commands []*cli.Command, name string) string {
	names := []string{"help"}
	for _, c := range commands {
		// The same letters in another order: run before runs.
		if letters(c.Name) == letters(name) {
			return c.Name
		}
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return config.Nearest(name, names)
}

// nearestFlag is the flag that a slip of the hand made name of, with its dashes, or "".
func nearestFlag(flags []cli.Flag, name string) string {
	var names []string
	for _, f := range flags {
		for _, name := range f.Names() {
			if len(name) > 1 { // every letter is near another
				names = append(names, name)
			}
		}
	}
	if near := config.Nearest(name, names); near != "" {
		return "--" + near
	}
	return ""
}

func letters(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}

func dashes(flag string) string {
	flag = strings.TrimLeft(flag, "-")
	if len(flag) == 1 {
		return "-" + flag
	}
	return "--" + flag
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + name + "? "
}

// noArguments refuses arguments of a command that takes none.
func noArguments(c *cli.Command) error {
	if c.Args().Present() {
		return usage(fmt.Sprintf("%s takes no argument, and was given %q", c.FullName(), c.Args().First()), c.FullName()+" --help says what it takes")
	}
	return nil
}
