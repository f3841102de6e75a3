package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
)

// What a flag may name: systems write the years before and after for "never".
const (
	firstYear = 1970
	lastYear  = 9998
)

// givenText is the text of a flag of a time, "" where it is not there. One that is
// there and empty is a slip of a script, whose variable was not set.
func givenText(c *cli.Command, flag string) (string, error) {
	words := c.String(flag)
	if c.IsSet(flag) && strings.TrimSpace(words) == "" {
		return "", usage(fmt.Sprintf("--%s is empty", flag), "name a time, or leave the flag out")
	}
	return words, nil
}

// timeOf reads a flag of a time in a layout; the zero time where it is not given.
// what and example tell what the layout is.
func timeOf(c *cli.Command, flag, layout string, zone *time.Location, what, example string) (time.Time, error) {
	words, err := givenText(c, flag)
	if words == "" || err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(layout, words, zone)
	if err != nil {
		return time.Time{}, usage(fmt.Sprintf("--%s %q is no %s", flag, words, what), "write "+example)
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return time.Time{}, usage(fmt.Sprintf("--%s %s is not meant: it lies before %d or after %d", flag, words, firstYear, lastYear), "write "+example)
	}
	return t, nil
}

// day reads a flag that names a calendar day; it begins at midnight of zone.
func day(c *cli.Command, flag string, zone *time.Location) (time.Time, error) {
	return timeOf(c, flag, time.DateOnly, zone, "day", "yyyy-MM-dd")
}

// pastDay is day, no later than at.
func pastDay(c *cli.Command, flag string, zone *time.Location, at time.Time) (time.Time, error) {
	d, err := day(c, flag, zone)
	if err == nil && d.After(at) {
		return d, usage(fmt.Sprintf("--%s %s lies in the future", flag, c.String(flag)), "name a day that has begun")
	}
	return d, err
}

// monthFlag reads --month; it begins at its first day.
func monthFlag(c *cli.Command) (time.Time, error) {
	return timeOf(c, "month", "2006-01", time.UTC, "month", "yyyy-MM")
}

// instant reads --at, not later than now.
func (a *app) instant(c *cli.Command) (time.Time, error) {
	at, err := timeOf(c, "at", time.RFC3339, time.UTC, "instant", "it with its zone, as 2024-04-11T03:00:00+08:00")
	if err == nil && at.After(a.now()) {
		return at, usage(fmt.Sprintf("--at %s lies in the future", c.String("at")), "name a past instant: a night cannot know what has not happened yet")
	}
	return at, err
}
