package main

import (
	"fmt"
	"slices"
)

// row is one line of work that is measured.
type row struct {
	name    string // for -rows
	work    string // in words
	toReach string // what the figures are held against, in words
	// begin makes ready what is measured; end takes it away.
	begin func(b *bench) (subjects []subject, end func(), err error)
	// steps, for a row that is a curve, are how large each subject's work is;
	// unit is what they count.
	steps []float64
	unit  string
}

// subject is who does the work of a row: nightaudit first, then its peers. In a
// curve it is nightaudit each time.
type subject struct {
	name    string
	command string                   // as people would write it
	run     func() (measured, error) // nil where it is not installed
}

// measured is what doing the work once came to.
type measured struct {
	usage
	others []extra // in the same sequence each time
}

// extra is a number of a row's own.
type extra struct {
	name  string
	value float64
}

// result is a row with what was measured: by subject, by run. A subject that is
// not installed has no runs.
type result struct {
	row
	subjects []subject
	runs     [][]measured
}

// measureRow does the row's work as often as it is asked to, the subjects by
// turns: what disturbs the machine disturbs all of them.
func (b *bench) measureRow(r row) (result, error) {
	subjects, end, err := r.begin(b)
	if end != nil {
		defer end()
	}
	if err != nil {
		return result{}, err
	}
	all := result{r, subjects, make([][]measured, len(subjects))}
	for n := range b.runs {
		for i, s := range subjects {
			if s.run == nil {
				continue
			}
			m, err := s.run()
			if err != nil {
				return result{}, fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(b.out, "  %d  %-24s %8.2f s wall %8.2f s processor %6.0f MiB %s\n", n+1, s.name, m.wall.Seconds(), m.cpu.Seconds(), mebibytes(m), told(m.others))
			all.runs[i] = append(all.runs[i], m)
		}
	}
	return all, nil
}

func told(figures []extra) (text string) {
	for _, f := range figures {
		text += fmt.Sprintf(" %s %.5g", f.name, f.value)
	}
	return text
}

func wall(m measured) float64      { return m.wall.Seconds() }
func processor(m measured) float64 { return m.cpu.Seconds() }
func mebibytes(m measured) float64 { return float64(m.peak) / (1 << 20) }

// each is one number of each run.
func each(runs []measured, of func(measured) float64) []float64 {
	values := make([]float64, len(runs))
	for i, m := range runs {
		values[i] = of(m)
	}
	return values
}

// ratios are one number of a subject over that of another in the same run.
func ratios(runs, others []measured, of func(measured) float64) []float64 {
	values := make([]float64, len(runs))
	for i := range runs {
		values[i] = of(runs[i]) / of(others[i])
	}
	return values
}

// median of values, of which there are some.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
