package iceberg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	iceio "github.com/apache/iceberg-go/io"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is storage that speaks S3. Where it is and what opens it stand in the
// environment and files that Amazon's own tools read.
type bucket struct {
	ctx    context.Context //nolint:containedctx // the library's storage is made for one call, and its methods take none
	client *minio.Client
}

func openBucket(ctx context.Context) (iceio.IO, error) {
	address := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%w: AWS_ENDPOINT_URL is no address: write https://HOST", ErrAddress)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Secure: u.Scheme != "http",
		Region: cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Creds:  credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{}}),
	})
	if err != nil {
		return nil, fmt.Errorf("open the storage: %w", err)
	}
	return bucket{ctx, client}, nil
}

// object splits s3://BUCKET/KEY.
func object(location string) (name, key string, err error) {
	name, key, ok := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	if !ok || !strings.HasPrefix(location, "s3://") {
		return "", "", fmt.Errorf("%s is no object of a bucket", location)
	}
	return name, key, nil
}

// Open opens an object for reading at any place.
func (b bucket) Open(location string) (iceio.File, error) {
	name, key, err := object(location)
	if err != nil {
		return nil, err
	}
	o, err := b.client.GetObject(b.ctx, name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", location, err)
	}
	if _, err := o.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", location, notThere(err)), o.Close())
	}
	return opened{o}, nil
}

// notThere is fs.ErrNotExist of an object that there is none of.
func notThere(err error) error {
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fs.ErrNotExist
	}
	return err
}

// opened is an object as a file.
type opened struct{ *minio.Object }

// Stat describes the object.
func (o opened) Stat() (fs.FileInfo, error) {
	info, err := o.Object.Stat()
	return described{info}, err
}

// described is an object's entry in a list of files.
type described struct{ minio.ObjectInfo }

func (d described) Name() string               { return path.Base(d.Key) }
func (d described) Size() int64                { return d.ObjectInfo.Size }
func (d described) Mode() fs.FileMode          { return 0 }
func (d described) IsDir() bool                { return false }
func (d described) Sys() any                   { return nil }
func (d described) Type() fs.FileMode          { return 0 }
func (d described) Info() (fs.FileInfo, error) { return d, nil }
func (d described) ModTime() time.Time         { return d.LastModified }

// Remove takes an object away; one that is gone already is no error to S3.
func (b bucket) Remove(location string) error {
	name, key, err := object(location)
	if err != nil {
		return err
	}
	return b.client.RemoveObject(b.ctx, name, key, minio.RemoveObjectOptions{})
}

// Create begins an object. It is gathered in a file first: of what is sent its length must
// be known, and what is sent a second time is read again.
func (b bucket) Create(location string) (iceio.FileWriter, error) {
	name, key, err := object(location)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "nightaudit-lake-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open
		return nil, errors.Join(err, f.Close())
	}
	return sent{f, b, name, key}, nil
}

// WriteFile writes an object.
func (b bucket) WriteFile(location string, content []byte) error {
	w, err := b.Create(location)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return errors.Join(err, w.Close())
}

// sent is an object that is sent once it is closed.
type sent struct {
	*os.File
	bucket    bucket
	name, key string
}

// Close sends the object: nobody sees a part of it.
func (s sent) Close() error {
	size, err := s.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = s.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = s.bucket.client.PutObject(s.bucket.ctx, s.name, s.key, s.File, size, minio.PutObjectOptions{})
	}
	if err != nil {
		err = fmt.Errorf("write s3://%s/%s: %w", s.name, s.key, err)
	}
	return errors.Join(err, s.File.Close())
}

// WalkDir lists the objects below a place.
func (b bucket) WalkDir(root string, visit fs.WalkDirFunc) error {
	name, key, err := object(strings.TrimRight(root, "/") + "/")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	for info := range b.client.ListObjects(ctx, name, minio.ListObjectsOptions{Prefix: key, Recursive: true}) {
		if info.Err != nil {
			return fmt.Errorf("list %s: %w", root, info.Err)
		}
		if err := visit("s3://"+name+"/"+info.Key, described{info}, nil); err != nil {
			return err
		}
	}
	return nil
}
