package extract

// Role is what a source is to a hotel. It matters where the configuration's
// links name accounts of several sources as one place.
type Role int

// A source that is neither has no role.
const (
	// PMS bills the stay with everything that was consumed during it.
	PMS Role = iota + 1
	// RoomOrders takes what guests order to their rooms. The PMS of the same
	// place bills it too, so it is a memo there and not revenue.
	RoomOrders
)
