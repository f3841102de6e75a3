package akubela

import "github.com/nightaudit/nightaudit/transform"

// statuses translates order_state. The document's list of values is garbled;
// the vendor's Chinese pages settle it (docs/sources/akubela.md, Fields): check_in is 未入住,
// not yet checked in.
var statuses = transform.StatusMap{
	"check_in":    transform.StatusConfirmed,
	"checked_in":  transform.StatusInProgress,
	"checked_out": transform.StatusCompleted,
}
