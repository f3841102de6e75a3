package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
)

// asker asks a person on a terminal.
type asker struct {
	in  *bufio.Scanner
	out io.Writer
}

var errNoAnswer = errors.New("the input ended before everything was answered")

// ask is what was typed; "" takes otherwise. Who is waited for may stop instead: then
// the read goes on until the process ends.
func (a *asker) ask(ctx context.Context, question, otherwise string) (string, error) {
	fmt.Fprintf(a.out, "%s [%s]: ", question, otherwise)
	read := make(chan bool, 1)
	go func() { read <- a.in.Scan() }()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case ok := <-read:
		if !ok {
			fmt.Fprintln(a.out)
			return "", errors.Join(errNoAnswer, a.in.Err())
		}
	}
	return strings.TrimSpace(a.in.Text()), nil
}

// ask asks which sources there are, and of each where it is and how it is entered.
func (w *wanted) ask(ctx context.Context, a *asker) error {
	fmt.Fprint(a.out, "Enter takes what stands in brackets. Secrets are not asked for, only where they are:\n"+
		"the NAME of an environment variable, or the path of a file.\n\n")
	for i := range w.drivers {
		fmt.Fprintf(a.out, "  %-10s %s\n", w.drivers[i].Name, w.drivers[i].About)
	}
	sources, err := w.askSources(ctx, a)
	if err != nil {
		return err
	}
	for i := range w.drivers { // in their order, for one may take numbers from another's orders
		for _, source := range sources {
			if source != w.drivers[i].Name {
				continue
			}
			if err := w.askAccount(ctx, a, w.add(source)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *wanted) askSources(ctx context.Context, a *asker) ([]string, error) {
	for {
		typed, err := a.ask(ctx, "\nWhich of these do you have? (For two accounts of one, name it twice)", strings.Join(w.names(), " "))
		if err != nil {
			return nil, err
		}
		if typed == "" {
			return w.names(), nil
		}
		chosen := strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(" ,、，", r) })
		i := slices.IndexFunc(chosen, func(s string) bool { return !slices.Contains(w.names(), s) })
		if i < 0 && len(chosen) > 0 {
			return chosen, nil
		}
		if i >= 0 {
			fmt.Fprintf(a.out, "  there is no %q; %swrite the names above\n", chosen[i], didYouMean(config.Nearest(chosen[i], w.names())))
		}
	}
}

// askAccount asks for what every account of a source must have, and how it logs in.
func (w *wanted) askAccount(ctx context.Context, a *asker, one *starterAccount) error {
	required, err := config.Required(one.driver)
	if err != nil {
		return err
	}
	keys, err := one.keys()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\n%s\n", one.driver.Name)
	for _, key := range keys {
		if first, _, _ := strings.Cut(key.Path, "."); slices.Contains(required, first) && key.Path != "auth.kind" {
			if err := w.askKey(ctx, a, one, key); err != nil {
				return err
			}
		}
	}
	return w.askFrom(ctx, a, one)
}

// askKey asks until what is typed can be the key's value.
func (w *wanted) askKey(ctx context.Context, a *asker, one *starterAccount, key config.Key) error {
	question, now := "  "+key.Path, strings.Trim(key.Value, `"'`)
	switch {
	case key.Secret:
		question += ", where it lies"
	case config.IsReference(now):
		question += ", itself, or where it lies as ${NAME}"
	case key.Words != "":
		question += ", " + strings.TrimSpace(strings.Split(key.Words, ";")[0])
	}
	for {
		typed, err := a.ask(ctx, question, now)
		if err != nil {
			return err
		}
		if typed == "" {
			one.kept(key.Path, now)
			return nil
		}
		if err = w.set(one, key, typed); err == nil {
			return nil
		}
		fmt.Fprintln(a.out, "  "+err.Error())
	}
}

// askFrom asks whether an account takes numbers from the orders of a source that it
// needs, which the key from_SOURCE of its example says.
func (w *wanted) askFrom(ctx context.Context, a *asker, one *starterAccount) error {
	for _, need := range one.driver.Needs {
		example := regexp.MustCompile(`# *from_` + need + `: (\{.*\})`).FindStringSubmatch(one.driver.ExampleConfig)
		others := w.of(need)
		if example == nil || len(others) == 0 {
			continue
		}
		other := others[0].name()
		typed, err := a.ask(ctx, fmt.Sprintf("  from_%s, whether it takes numbers of the orders of %s/%s: yes or no", need, need, other), "yes")
		if err != nil {
			return err
		}
		if typed == "" || strings.HasPrefix(strings.ToLower(typed), "y") || typed == "是" {
			one.edit("from_"+need, example[1])
			one.edit("from_"+need+".account", written("", other))
		}
	}
	return nil
}
