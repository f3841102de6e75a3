// Package trace tells the whole story of one order: what it is, the raw
// answers that say so, how it changed, what does not add up in it, and where
// it stands in the reports.
//
// All of it but the raw answers comes from the published database, so that
// whoever may read that can trace. The answers are read from the landing where
// that is at hand, each verified against its hash; where it is not, the story
// says so and gives what the database knows of them.
package trace
