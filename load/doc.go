// Package load keeps the warehouse: the private working database, the files
// staged for it, the merge of what one run read of one account in one
// transaction, the ledger of runs, and the published copy that people open.
//
// It alone writes to the database. Personal data has been masked, hashed or
// dropped before a row arrives here.
package load
