package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/reports/figure"
)

// count writes a number as people read it.
func count(n int) string { return figure.Count(int64(n)) }

// spread is the median of values, with the least and the most.
func spread(values []float64, decimals int) string {
	write := func(v float64) string {
		if v >= 100 {
			return count(int(v + 0.5))
		}
		return strconv.FormatFloat(v, 'f', decimals, 64)
	}
	middle, least, most := write(median(values)), write(slices.Min(values)), write(slices.Max(values))
	if least == most {
		return middle
	}
	return fmt.Sprintf("%s (%s–%s)", middle, least, most)
}

// procLine is what Linux says of the machine under a name; other where it says
// nothing.
func procLine(file, name, other string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return other
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return other
}

// memory is how much the machine has.
func memory() string {
	kibibytes, err := strconv.Atoi(strings.TrimSuffix(procLine("/proc/meminfo", "MemTotal", ""), " kB"))
	if err != nil {
		return "memory unknown"
	}
	return fmt.Sprintf("%d GiB", (kibibytes+1<<19)>>20)
}
