package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/load"
)

func (a *app) configCommand() *cli.Command {
	return &cli.Command{
		Name:  "config",
		Usage: "print the configuration that is in force, without secrets",
		Description: "Defaults are filled in, paths absolute, accounts completed. What the file takes from\n" +
			"${NAME} or ${file:PATH} is printed as it stands there, a secret in the file itself as\n" +
			"********. Who may not read the secrets gets the same; what was not read is said above.\n" +
			"With --schema: the JSON Schema of configurations, for editors.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "yaml", Usage: "`FORMAT`: yaml or json"},
			&cli.BoolFlag{Name: "schema", Usage: "print the JSON Schema of configurations; reads none"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Bool("schema") {
				return a.printSchema()
			}
			format := c.String("format")
			if format != "yaml" && format != "json" {
				return usage(fmt.Sprintf("--format %q is none", format), "write yaml or json")
			}
			return a.printConfig(ctx, format == "json")
		},
	}
}

// configShown is the configuration in force for programs.
type configShown struct {
	Version int    `json:"version"`
	File    string `json:"file"`
	// Unread says which references could not be read, and why.
	Unread        []string         `json:"unread"`
	Configuration *config.Document `json:"configuration"`
}

func (a *app) printConfig(ctx context.Context, asJSON bool) error {
	cfg, err := a.loadShown()
	if err != nil {
		return err
	}
	memory, err := load.MemoryLimit(ctx, cfg.MemoryLimit)
	if err != nil {
		a.log.Warn("how much memory the database may take is not known: " + err.Error())
	}
	document, err := cfg.InForce(memory)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(configShown{Version: 1, File: cfg.File, Unread: append([]string{}, cfg.Unread...), Configuration: document})
	}
	text, err := yaml.MarshalWithOptions(document, yaml.IndentSequence(true))
	if err != nil {
		return fmt.Errorf("write the configuration as YAML: %w", err)
	}
	fmt.Fprintf(a.stdout, "# In force, of %s. Relative paths of accounts start at its folder.\n", cfg.File)
	for _, words := range cfg.Unread {
		fmt.Fprintf(a.stdout, "# Not read: %s\n", strings.ReplaceAll(words, "\n", " "))
	}
	if _, err := a.stdout.Write(text); err != nil {
		return &failure{code: exit.Failed, what: "the result was not written", err: err}
	}
	return nil
}

// loadShown reads the configuration with its secrets, or, for who may not read
// those, without. What is wrong besides is an error.
func (a *app) loadShown() (*config.Config, error) {
	o := config.Options{
		Drivers: all.Drivers(),
		Env:     extract.Env{Now: a.now, Log: a.log, Tokens: new(extract.TokenStore)},
	}
	cfg, err := a.loadWith(o)
	if err == nil {
		return cfg, nil
	}
	o.Lenient = true
	if cfg, lenientErr := a.loadWith(o); lenientErr == nil {
		return cfg, nil
	}
	return nil, err
}

func (a *app) printSchema() error {
	schema, err := configSchema()
	if err == nil {
		_, err = a.stdout.Write(schema)
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "the schema was not written", err: err}
	}
	return nil
}
