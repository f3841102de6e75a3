package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// keepPages saves the pages of the SOMS list, as the vendor answers them, and
// returns the pattern of their names.
func (b *bench) keepPages(address string, orders int) (pattern string, err error) {
	folder, err := b.newFolder("pages-*")
	if err != nil {
		return "", err
	}
	for n := range (orders + 99) / 100 {
		if err := b.keepPage(address, n, filepath.Join(folder, fmt.Sprintf("%05d.json", n))); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, "*.json"), nil
}

func (b *bench) keepPage(address string, n int, file string) error {
	url := fmt.Sprintf("%s/%s/soms/orderservice/orders/query?desc=false&page=%d&page_size=100&sort_key=modified", address, tenant(0), n)
	q, err := http.NewRequestWithContext(b.ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	q.SetBasicAuth(username, password)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("page %d: the simulator answers %s", n, answer.Status)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, answer.Body); err != nil {
		_ = f.Close() // the copy's error is the one to tell
		return err
	}
	return f.Close()
}
