package extracttest

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPairs: each two ways of two lists meet, in far fewer combinations than there are.
func TestPairs(t *testing.T) {
	sizes := []int{5, 2, 3, 4, 2, 2, 6}
	all := pairs(sizes, rand.New(rand.NewPCG(1, 1)))
	met := map[string]bool{}
	for _, one := range all {
		for i, k := range one {
			if k < 0 || k >= sizes[i] {
				t.Fatalf("%v is none of %v", one, sizes)
			}
			for j, l := range one {
				met[fmt.Sprint(i, k, j, l)] = true
			}
		}
	}
	for i, ways := range sizes {
		for j, others := range sizes {
			for k := range ways {
				for l := range others {
					if i != j && !met[fmt.Sprint(i, k, j, l)] {
						t.Errorf("way %d of list %d and way %d of list %d do not meet", k, i, l, j)
					}
				}
			}
		}
	}
	if len(all) < 5*6 || len(all) > 60 { // of 5,760; the two longest lists alone are 30
		t.Errorf("%d combinations", len(all))
	}
}

func TestProductAndDeparting(t *testing.T) {
	for _, c := range []struct {
		name string
		got  [][]int
		want string
	}{
		{"all", product([]int{2, 3}, 6), "[[0 0] [0 1] [0 2] [1 0] [1 1] [1 2]]"},
		{"more than may be", product([]int{2, 3}, 5), "[]"},
		{"departing in one", departing([]int{2, 3}, false), "[[0 0] [1 0] [0 1] [0 2]]"},
		{"departing in two", departing([]int{2, 3}, true), "[[0 0] [1 0] [0 1] [1 1] [0 2] [1 2]]"},
	} {
		if got := fmt.Sprint(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
