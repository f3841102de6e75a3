package transform

import (
	"fmt"
	"slices"
	"time"
)

// A vendor that writes UTC where it documents local time, or the reverse,
// shifts an instant by the zone's offset: by eight hours in China. One instant
// alone does not show that; two of the same order can, when what must come
// later stands earlier.

// statedTime is an instant of a record and the vendor's text of it.
type statedTime struct {
	at   Instant
	text string
}

// clockSkew is how far two clocks of one vendor may differ.
const clockSkew = time.Minute

// followUp is an instant that cannot be before the order was created.
type followUp struct {
	field string
	at    Instant
}

// later notes an instant of the order that cannot be before its creation.
// The same instant is noted once: an order's means of payment share one.
func (r *Record) later(field string, at Instant) {
	up := followUp{field, at}
	if at.Valid && !slices.Contains(r.ups, up) {
		r.ups = append(r.ups, up)
	}
}

// checkClocks compares what was noted with the creation of the order. It runs
// when the record is complete, for the order's own row may come last.
func (r *Record) checkClocks() {
	if r.rejected {
		return
	}
	for _, u := range r.ups {
		r.checkShift(u.field, u.at, "created_at", r.created)
	}
}

// checkShift makes a finding under field, where at must not be before since
// but is, by about the offset of the account's zone: by more than half of it,
// which is nearer to a shift of clocks than to none, and by no more than all
// of it, for the true span between the two is not negative. Both values are
// kept. Other disorder is left to the rule plausibility of the reconciliation.
func (r *Record) checkShift(field string, at Instant, other string, since Instant) {
	if !at.Valid || !since.Valid || at.Micros >= since.Micros {
		return
	}
	offset := r.batch.origin.Calendar.offset(since)
	gap := since.Time().Sub(at.Time())
	if gap <= offset/2 || gap > offset+clockSkew {
		return
	}
	raw := r.textOf(at)
	r.Finding(field, fmt.Sprintf("%s before %s, which cannot be: the zone's offset is %s, so UTC may stand where local time is documented, or the reverse; the value is kept",
		gap, other, offset), raw)
}

// OneMoment makes a finding under field where at and the instant of the field
// other are stated of the same event but differ; other's is the one that the
// caller takes.
func (r *Record) OneMoment(field string, at Instant, other string, taken Instant) {
	if !at.Valid || !taken.Valid || at == taken {
		return
	}
	reason := "differs from " + other + ", which is taken"
	offset := r.batch.origin.Calendar.offset(taken)
	if gap := at.Time().Sub(taken.Time()).Abs(); offset > 0 && (gap-offset).Abs() <= clockSkew {
		reason += fmt.Sprintf("; they are %s apart, as UTC and local time are: one of the two may stand in the other's place", gap)
	}
	r.Finding(field, reason, r.textOf(at))
}

// textOf is the vendor's text of an instant that this record states.
func (r *Record) textOf(at Instant) string {
	for _, s := range r.stated {
		if s.at == at {
			return s.text
		}
	}
	return at.Time().Format(time.RFC3339Nano) // computed, not stated
}

// offset is by how much the zone's clocks and UTC differ at i, whichever is
// ahead; 0 without a zone.
func (c Calendar) offset(i Instant) time.Duration {
	if c.Zone == nil {
		return 0
	}
	_, seconds := i.Time().In(c.Zone).Zone()
	return (time.Duration(seconds) * time.Second).Abs()
}
