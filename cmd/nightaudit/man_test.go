package main

import (
	"os"
	"testing"

	docs "github.com/urfave/cli-docs/v3"
)

const manualPage = "docs/install/nightaudit.1"

// The manual page in the repository is that of the commands: -update writes it.
func TestManualPageIsKept(t *testing.T) {
	root := (&app{getenv: os.Getenv}).root()
	page, err := docs.ToManWithSection(root, 1)
	if err != nil {
		t.Fatal(err)
	}
	if readDocument(t, manualPage) != page && !*update {
		t.Errorf("%s is not that of the commands: go test ./cmd/nightaudit -run TestManualPageIsKept -update writes it", manualPage)
	}
	updateDocument(t, manualPage, page)
}
