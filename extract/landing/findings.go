package landing

import "cmp"

// Kind is a kind of finding of Verify.
type Kind string

// What Verify finds.
const (
	Missing    Kind = "missing"    // what is sealed is gone
	Altered    Kind = "altered"    // other content than was sealed
	Shorter    Kind = "shorter"    // less than was sealed
	Longer     Kind = "longer"     // more than was sealed, of what was at its end
	Unknown    Kind = "unknown"    // no seal names it
	Misplaced  Kind = "misplaced"  // it lies in the place of another
	Unreadable Kind = "unreadable" // it cannot be read, or as what it should be
	Gap        Kind = "gap"        // a seal is gone, or one too many is there
	Unlinked   Kind = "unlinked"   // a seal is not the one that the next names
	Record     Kind = "record"     // run.json says something else than was sealed
	Unsealed   Kind = "unsealed"   // a run has an end, and no seal
	Unfinished Kind = "unfinished" // a run was sealed, and not published to its end
	Pruned     Kind = "pruned"     // answers were removed that no seal allows to remove
	Settings   Kind = "settings"   // other settings than those of now made it, which Verify does not ask
)

// Finding is one thing that is not as it was sealed.
type Finding struct {
	Run  string `json:"run,omitempty"`
	File string `json:"file,omitempty"` // relative to the landing, with slashes
	Kind Kind   `json:"kind"`
	Text string `json:"text"` // what is wrong, without the file
}

// Verified is what Verify saw.
type Verified struct {
	Head     string    `json:"head"`     // the hash of the last seal, "" where there is none
	Seals    int       `json:"seals"`    // that could be read
	Begins   string    `json:"begins"`   // the run of the first seal
	Runs     int       `json:"runs"`     // in the landing
	Unsealed int       `json:"unsealed"` // of them runs that no seal names: of before the chain, or under way
	Files    int       `json:"files"`    // that were compared
	Bytes    int64     `json:"bytes"`    // that were read and hashed
	Findings []Finding `json:"-"`        // those of the landing

	seals     map[string]*Seal // by hash
	last      *Seal
	published []Published
	records   map[string]*RunRecord // by run
}

// Seal is the seal of that hash; nil where the chain has none.
func (v *Verified) Seal(sha256 string) *Seal { return v.seals[sha256] }

// LastSeal is the last seal of which is is true, nil where there is none.
func (v *Verified) LastSeal(is func(*Seal) bool) (last *Seal) {
	for _, s := range v.seals {
		if is(s) && (last == nil || s.Sequence > last.Sequence) {
			last = s
		}
	}
	return last
}

// Record is what was sealed of a run last; nil where no seal names it.
func (v *Verified) Record(run string) *RunRecord { return v.records[run] }

func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.File, b.File), cmp.Compare(a.Kind, b.Kind))
}
