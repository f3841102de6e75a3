package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

func (a *app) replayCommand() *cli.Command {
	return &cli.Command{
		Name:  "replay",
		Usage: "rebuild the database from the landed answers, without calling any source",
		Description: "Repeats every run with its own recorded time, from the answers under data_dir/landing,\n" +
			"enters what people added between them (close, annotate), and publishes the result.\n" +
			"What the landing lacks, by what it tells of itself and by what the working and the\n" +
			"published database hold, is named, and nothing is changed; --accept-loss goes on\n" +
			"without it, records it, and ends with 3. The working database that is replaced is\n" +
			"kept beside the new one as warehouse.before-replay.duckdb until a good night is published.",
		Flags: []cli.Flag{
			adoptFlag(),
			&cli.StringFlag{Name: "since", Usage: "begin with what was published before this `DAY` (yyyy-MM-dd), and repeat what came later"},
			&cli.BoolFlag{Name: "correct-clock", Usage: "first move what stands in the future, for the clock was ahead, to where it belongs; asks vendors for their time"},
			&cli.BoolFlag{Name: "accept-loss", Usage: "go on without what the landing lacks, and record it"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.replay(ctx, c)
		},
	}
}

func (a *app) replay(ctx context.Context, c *cli.Command) error {
	cfg, err := a.load(a.now)
	if err != nil {
		return err
	}
	since, err := pastDay(c, "since", cfg.Zone, a.now())
	if err != nil {
		return err
	}
	correct := c.Bool("correct-clock")
	if correct && !since.IsZero() {
		return usage("--correct-clock and --since contradict each other", "what is moved changes what comes after it: replay everything")
	}
	observer, stop := a.startProgress()
	result, err := pipeline.Replay(ctx, cfg, pipeline.Options{
		Version: versionText(), By: a.userName(), ReplaySince: since, AcceptLoss: c.Bool("accept-loss"), CorrectClock: correct,
		Adopt: c.Bool("adopt"), Now: a.now, Observer: observer, Log: a.log,
	})
	stop()
	if errors.Is(err, pipeline.ErrLocked) || isTaken(err) || errors.As(err, new(*pipeline.BasisError)) {
		return runFailure(cfg, err)
	}
	if errors.Is(err, pipeline.ErrClockAhead) {
		return &failure{code: exit.Usage, what: "nothing was moved and nothing was replayed", err: err}
	}
	if errors.As(err, new(*pipeline.MovedError)) {
		return &failure{code: exit.Usage, what: "nothing was replayed", err: err}
	}
	if lost := (*pipeline.LossError)(nil); errors.As(err, &lost) {
		return &failure{
			code: exit.Failed, what: "the replay was refused: the landing lacks " + plural(int64(len(lost.Lost)), "thing", "things") + "; databases and landing are as they were", err: err,
			do: "take the files from a backup of data/landing and replay again; where there is none, nightaudit replay --accept-loss goes on without and records it",
		}
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "the replay failed; databases and landing are as they were", err: err}
	}
	if correct {
		fmt.Fprintf(a.stdout, "moved     %s that stood in the future\n", plural(int64(result.Moved), "run or entry", "runs and entries"))
	}
	fmt.Fprintf(a.stdout, "replayed  %s, %s\n", plural(int64(result.Runs), "run", "runs"), plural(int64(result.Pages), "answer", "answers"))
	if result.Began != "" {
		fmt.Fprintf(a.stdout, "from      %s\n", result.Began)
	}
	if result.Added > 0 {
		fmt.Fprintf(a.stdout, "entered   %s of people\n", plural(int64(result.Added), "close or annotation", "closes and annotations"))
	}
	fmt.Fprintf(a.stdout, "database  %s\n", result.Database)
	if result.Kept != "" {
		fmt.Fprintf(a.stdout, "replaced  %s\n", result.Kept)
	}
	for _, notice := range result.Notices {
		a.log.Warn(notice)
	}
	if len(result.Lost) == 0 {
		return nil
	}
	fmt.Fprintf(a.stdout, "lost      %s, accepted: nightaudit runs lists what\n", plural(int64(len(result.Lost)), "thing", "things"))
	for _, line := range pipeline.LossLines(result.Lost) {
		a.sayf("          %s", line)
	}
	return exitWith(exit.Partial)
}
