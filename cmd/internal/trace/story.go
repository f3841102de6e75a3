package trace

import (
	"encoding/json"
	"time"

	"github.com/nightaudit/nightaudit/reports/catalogue"
)

// Story is what is known of one order.
type Story struct {
	Asked   string `json:"asked"`
	FoundBy string `json:"found_by"`
	// AlsoIn are other orders in which what was asked for stands as well.
	AlsoIn []Candidate `json:"also_in,omitempty"`
	// Zone is that of the account, by which the text shows instants. JSON has
	// them in UTC.
	Zone string `json:"timezone"`

	Source  string `json:"source"`
	Account string `json:"account"`
	OrderID string `json:"order_id"`

	// Order is nil where no row of the order was ever loaded, or where a break
	// names none.
	Order    *Row                 `json:"order"`
	Lines    []Lines              `json:"lines"`
	Answers  []Answer             `json:"answers"`
	Versions []Version            `json:"versions"`
	Rejects  []Row                `json:"rejects"`
	Findings []Row                `json:"findings"`
	Breaks   []Break              `json:"breaks"`
	Links    []Row                `json:"links"`
	Reports  []catalogue.Standing `json:"reports"`
	// Notes say what could not be told, and why.
	Notes []string `json:"notes,omitempty"`
}

// Candidate is an order that may be meant.
type Candidate struct {
	Source  string `json:"source"`
	Account string `json:"account"`
	OrderID string `json:"order_id"`
	FoundBy string `json:"found_by"`
	Row     Row    `json:"-"` // with its kind, status, date and amount

	rank string
}

// Lines are the rows of one table that belong to the order.
type Lines struct {
	Table string `json:"table"` // main.order_items
	Rows  []Row  `json:"rows"`
}

// Version is a state in which the order was known.
type Version struct {
	No        int64      `json:"version_no"`
	ValidFrom time.Time  `json:"valid_from"`
	ValidTo   *time.Time `json:"valid_to"`
	Run       string     `json:"run_id"`
	Ref       string     `json:"landing_ref"`
	// Changed is what differs from the version before; empty for the first.
	Changed []Change `json:"changed"`
}

// Change is a column that changed.
type Change struct {
	Column string          `json:"column"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// Break is a break with what people wrote about it.
type Break struct {
	Row         Row   `json:"break"`
	Annotations []Row `json:"annotations"`
}

// The states of an answer.
const (
	Verified  = "verified" // it is what its hash says
	Damaged   = "damaged"
	Pruned    = "pruned"
	Encrypted = "encrypted"
	NotHere   = "not_here" // no landing is at hand
)

// Answer is a raw answer in which the order stands.
type Answer struct {
	Ref    string `json:"landing_ref"` // file:line#/json/pointer
	File   string `json:"file"`        // relative to data_dir/landing
	Line   int    `json:"line"`
	At     string `json:"pointer"` // JSON pointer of the order in the answer
	SHA256 string `json:"sha256"`  // of the line
	// Rows are the tables whose rows name this answer; empty where it was found
	// by looking for the order's number.
	Rows  []string `json:"rows"`
	State string   `json:"state"`
	Note  string   `json:"note,omitempty"`
	// What the manifest tells, where it is at hand.
	Method     string     `json:"method,omitempty"`
	Path       string     `json:"path,omitempty"`
	Params     string     `json:"params,omitempty"`
	Status     int        `json:"status,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	// Raw is the order in the answer, where it was asked for.
	Raw json.RawMessage `json:"raw,omitempty"`
}
