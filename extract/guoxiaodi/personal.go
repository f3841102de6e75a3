package guoxiaodi

// personal: docs/sources/guoxiaodi.md, Personal data. The register may hold what the
// merchant sent with the order: sender, receiver and note.
var personal = []string{
	"expressWorkerName", "expressWorkerPhone", "expressWorkerLocation", "workerLocation", "customerNote", "toOrderImg",
	"fromName", "fromPhone", "fromAddress", "fromAddressDetail", "fromAddressExtra", "fromLocation",
	"toName", "toPhone", "toAddress", "toAddressDetail", "toAddressExtra", "toLocation",
}
