package scan

import (
	"context"
	"fmt"
)

// MemoryLimit is how many bytes the engine takes at most before it spills: by itself
// 80% of what the machine or the container has.
func MemoryLimit(ctx context.Context, q Querier) (int64, error) {
	var limit, unit string
	if err := q.QueryRowContext(ctx, "SELECT current_setting('memory_limit')").Scan(&limit); err != nil {
		return 0, fmt.Errorf("read the memory limit: %w", err)
	}
	var size float64
	if _, err := fmt.Sscanf(limit, "%f %s", &size, &unit); err != nil {
		return 0, fmt.Errorf("read the memory limit %q: %w", limit, err)
	}
	of := map[string]float64{"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}[unit]
	if of == 0 {
		return 0, fmt.Errorf("read the memory limit %q: its unit is not known", limit)
	}
	return int64(size * of), nil
}
