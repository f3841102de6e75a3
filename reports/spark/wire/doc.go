// Package wire is the part of Spark Connect's protocol that reports/spark speaks: its
// messages, and the stub that sends them. All but this file and connect.proto is
// generated; `go generate` writes it anew where protoc and its two plugins for Go are
// installed.
//
// Of this module it imports nothing.
package wire

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative connect.proto
