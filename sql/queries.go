package sql

import (
	"embed"
	"fmt"
)

//go:embed queries
var queries embed.FS

// Query is the statement of queries/<name>.sql.
func Query(name string) (string, error) {
	data, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read embedded query: %w", err)
	}
	return string(data), nil
}
