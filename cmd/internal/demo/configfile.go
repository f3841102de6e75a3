package demo

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed nightaudit.yaml.tmpl
var configTemplate string

// configValues are what differs from one demo to the next.
type configValues struct {
	Tuya, Akubela, Soms, Starhotel, Guoxiaodi string // addresses
	Hotel, Shop, Courier                      string // accounts
	ProjectID, TenantID, ClientID, Username   string
	PMSID                                     int
	Rooms                                     string // the rooms that have two names
}

// writeConfig writes the demo's nightaudit.yaml and returns its path.
func (w *World) writeConfig(dir string, v configValues) (string, error) {
	v.Hotel, v.Shop, v.Courier = Hotel, Shop, Courier
	v.ProjectID, v.TenantID, v.ClientID, v.Username, v.PMSID = projectID, tenantID, clientID, username, pmsID
	var rooms []string
	for _, r := range w.rooms {
		if r.door != r.pms {
			rooms = append(rooms, fmt.Sprintf("%q: %q", r.door, r.pms))
		}
	}
	v.Rooms = strings.Join(rooms, ", ")
	t, err := template.New(configName).Parse(configTemplate)
	if err != nil {
		return "", fmt.Errorf("read the demo's configuration template: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, v); err != nil {
		return "", fmt.Errorf("fill in the demo's configuration: %w", err)
	}
	path := filepath.Join(dir, configName)
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the demo's configuration: %w", err)
	}
	return path, nil
}
