// Package extract is the contract between the pipeline and the sources: what
// a source is asked (plan, fetch, decode), what it answers, and which errors
// it tells apart. Each source lives in a folder of its own below and is
// listed in extract/all.
package extract
