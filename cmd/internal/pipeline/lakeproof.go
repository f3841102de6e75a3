package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/query"
)

// LakeProof is what was found of one night of a lake.
type LakeProof struct {
	*iceberg.Proof
	Compared string `json:"compared,omitempty"` // the published database of that night
}

// ProveLakeOptions say what is compared.
type ProveLakeOptions struct {
	Run        string         // or how it begins; the last of each database without it
	Databases  []string       // published ones, of which those of the nights are compared row by row
	Memory     int64          // see query.OpenOptions
	Engine     iceberg.Engine // see iceberg.ProveOptions
	Unreadable func(file string, err error)
}

// ProveLake compares nights of a lake with what their snapshots state, and with the
// published databases of these nights as far as they are at hand.
func ProveLake(ctx context.Context, lake *iceberg.Lake, o ProveLakeOptions) ([]LakeProof, error) {
	nights, err := lake.Find(ctx, o.Run)
	if err != nil {
		return nil, err
	}
	proofs := make([]LakeProof, 0, len(nights))
	for i := range nights {
		proof, err := o.prove(ctx, lake, &nights[i])
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", nights[i].Run, err)
		}
		proofs = append(proofs, *proof)
	}
	return proofs, nil
}

func (o *ProveLakeOptions) prove(ctx context.Context, lake *iceberg.Lake, n *iceberg.Night) (proof *LakeProof, err error) {
	open := query.OpenOptions{AllowFiles: true, MemoryLimit: o.Memory}
	for _, file := range o.Databases {
		db, err := query.OpenWith(file, open)
		if err != nil {
			if !errors.Is(err, query.ErrNoDatabase) {
				o.Unreadable(file, err)
			}
			continue
		}
		proof := &LakeProof{Compared: file}
		of, err := iceberg.Published(ctx, db)
		if err == nil && of.Is(n) {
			proof.Proof, err = lake.Prove(ctx, db, *n, iceberg.ProveOptions{Published: true, Engine: o.Engine})
		}
		if err = errors.Join(err, db.Close()); err != nil {
			return nil, err
		}
		if proof.Proof != nil {
			return proof, nil
		}
	}
	db, err := query.OpenAlone(open)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := lake.Prove(ctx, db, *n, iceberg.ProveOptions{Engine: o.Engine})
	if err != nil {
		return nil, err
	}
	found.Notices = append(found.Notices, "the database that was published that night is not at hand: no row was compared with it")
	return &LakeProof{Proof: found}, nil
}

// PublishedDatabases are those of a folder of publishing, the present one first.
func PublishedDatabases(ctx context.Context, dir string) ([]string, error) {
	files := []string{filepath.Join(dir, load.PublishedName)}
	copies, err := load.EarlierCopies(ctx, dir)
	for _, p := range copies {
		files = append(files, p.Path)
	}
	return files, err
}
