package workbook

import (
	"slices"
	"strconv"
	"testing"
)

// Pages of 100 points; the blocks' rows are named after where they begin.
func TestPageBreaks(t *testing.T) {
	for _, test := range []struct {
		name   string
		blocks []Block
		want   []int
	}{
		{"all on one page", []Block{{1, 0, 40}, {41, 40, 100}}, nil},
		{"the second would be torn", []Block{{1, 0, 60}, {61, 60, 110}}, []int{61}},
		{"the page after a break is full as well", []Block{{1, 0, 60}, {61, 60, 110}, {111, 110, 160}, {161, 160, 170}}, []int{61, 161}},
		// 250 points from 20 on: the rest of the page is more than half of it.
		{"taller than a page, where there is room to begin", []Block{{1, 0, 20}, {21, 20, 270}}, nil},
		{"taller than a page, at the foot of one", []Block{{1, 0, 80}, {81, 80, 330}}, []int{81}},
		// It ends 70 points into the third page, which begins at 200.
		{"what follows one that is taller", []Block{{1, 0, 20}, {21, 20, 270}, {271, 270, 320}}, []int{271}},
	} {
		if got := pageBreaks(test.blocks, 100); !slices.Equal(got, test.want) {
			t.Errorf("%s: breaks before %v, want %v", test.name, got, test.want)
		}
	}
}

// A sheet of one column of 100 characters, (100 × 7.7 + 5) × 0.75 = 581.25
// points, needs no shrinking: 7.27 inches of 72 points, less 3 %. One of three
// such columns shrinks to 10.89 inches and holds as much more.
func TestPagePoints(t *testing.T) {
	for _, test := range []struct {
		widths []float64
		want   string
	}{
		{[]float64{100}, "507.7"},
		{[]float64{100, 100, 100}, "1129.2"}, // × 1743.75 / 784.08
	} {
		if got := strconv.FormatFloat(pagePoints(test.widths), 'f', 1, 64); got != test.want {
			t.Errorf("%v: %s points, want %s", test.widths, got, test.want)
		}
	}
}
