package tuya

import "github.com/nightaudit/nightaudit/transform"

// statuses translates order_status (docs/mapping.md, Status).
var statuses = transform.StatusMap{
	"created":   transform.StatusPending,
	"producing": transform.StatusInProgress,
	"finished":  transform.StatusCompleted,
	"canceled":  transform.StatusCanceled,
}
