package main

import (
	_ "embed"
	"fmt"
	"math"
	"runtime"
	"strings"
	"text/template"
	"time"
)

//go:embed BENCHMARKS.md.tmpl
var page string

// line is one subject of a row in the table.
type line struct {
	Work, Who, Wall, Processor, Peak, Others string
	WallRatio, ProcessorRatio, PeakRatio     string
	ToReach                                  string
}

// section is a row with its lines.
type section struct {
	Name, Work string
	Commands   []string
	Lines      []line
}

// curve is what a row tells of growth.
type curve struct{ Over, Wall, Processor, Peak, Fixed, Each string }

// render fills the page.
func (b *bench) render(results []result) (string, error) {
	values := struct {
		Date, Platform, Model, Memory, Go, Commit, Peers string
		Processors, Runs                                 int
		Rows                                             []section
		Curves                                           []curve
	}{
		Date: time.Now().Format(time.DateOnly), Platform: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.NumCPU(), Runs: b.runs,
		Model: procLine("/proc/cpuinfo", "model name", "unknown processors"), Memory: memory(), Go: runtime.Version(), Peers: b.peers.versions,
	}
	var err error
	if values.Commit, err = output(b.ctx, b.root, "git", "describe", "--always", "--dirty"); err != nil {
		values.Commit = "unknown" // measured from a source archive
	}
	for i := range results {
		values.Rows = append(values.Rows, results[i].section())
		if results[i].steps != nil {
			values.Curves = append(values.Curves, results[i].curve())
		}
	}
	t, err := template.New("BENCHMARKS.md").Parse(page)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = t.Execute(&text, values)
	return text.String(), err
}

func (r *result) section() section {
	s := section{Name: r.name, Work: r.work}
	for i, who := range r.subjects {
		l := line{Who: who.name}
		if i == 0 {
			l.Work, l.ToReach = r.name, r.toReach
		}
		if i == 0 || r.steps == nil && who.command != r.subjects[0].command {
			s.Commands = append(s.Commands, who.command)
		}
		own := r.runs[i]
		if len(own) == 0 {
			l.Wall = "not installed"
			s.Lines = append(s.Lines, l)
			continue
		}
		l.Wall, l.Processor, l.Peak = spread(each(own, wall), 2), spread(each(own, processor), 2), spread(each(own, mebibytes), 0)
		for k, f := range own[0].others {
			l.Others += fmt.Sprintf("%s %s; ", f.name, spread(each(own, func(m measured) float64 { return m.others[k].value }), 2))
		}
		l.Others = strings.TrimSuffix(l.Others, "; ")
		if who.command != r.subjects[0].command { // a peer
			l.WallRatio, l.ProcessorRatio, l.PeakRatio = spread(ratios(r.runs[0], own, wall), 2), spread(ratios(r.runs[0], own, processor), 2), spread(ratios(r.runs[0], own, mebibytes), 2)
		}
		s.Lines = append(s.Lines, l)
	}
	return s
}

func (r *result) curve() curve {
	of := func(number func(measured) float64) []float64 {
		medians := make([]float64, len(r.runs))
		for i, runs := range r.runs {
			medians[i] = median(each(runs, number))
		}
		return medians
	}
	exponent := func(number func(measured) float64) string {
		_, slope := straight(logs(r.steps), logs(of(number)))
		return fmt.Sprintf("%.2f", slope)
	}
	fixed, one := straight(r.steps, of(wall))
	fixedCPU, oneCPU := straight(r.steps, of(processor))
	return curve{
		Over: fmt.Sprintf("%s, %s to %s", r.unit, count(int(r.steps[0])), count(int(r.steps[len(r.steps)-1]))),
		Wall: exponent(wall), Processor: exponent(processor), Peak: exponent(mebibytes),
		Fixed: fmt.Sprintf("%.2f s wall, %.2f s processor", fixed, fixedCPU),
		Each:  fmt.Sprintf("%.3f ms wall, %.3f ms processor", 1e3*one, 1e3*oneCPU),
	}
}

// straight is the line of least squares through points.
func straight(x, y []float64) (at0, slope float64) {
	n := float64(len(x))
	var sx, sy, sxx, sxy float64
	for i := range x {
		sx, sy, sxx, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	slope = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	return (sy - slope*sx) / n, slope
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}
