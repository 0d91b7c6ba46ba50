package sheet

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"
)

// archive is the ZIP file that a workbook comes in.
type archive struct {
	ctx   context.Context
	parts map[string]*zip.File // by their names in lower case, which is how they count as equal
	most  int64                // bytes that may still be unpacked
}

// maxDirectory is how many bytes the list of what is in an archive may have: there are a few hundred parts in
// a large workbook, and a hundred bytes for each.
const maxDirectory = 1 << 20

// maxRatio is how many times smaller than itself a part may have been packed. Sheets are about 10 times
// smaller, empty ones 50 times, and what was made to fill a disk 1000 times. It holds beyond minRatio bytes.
const (
	maxRatio = 200
	minRatio = 16 << 20
)

// errUnpacksTooLarge says that there is more in an archive than may be.
var errUnpacksTooLarge = errors.New("the file unpacks to too much")

func openArchive(ctx context.Context, f io.ReaderAt, size int64, l Limits) (*archive, error) {
	// Only the directory is read here, and a hostile one may be as large as the file.
	limited := &frugal{f, maxDirectory + 128<<10}
	z, err := zip.NewReader(limited, size)
	if err != nil {
		return nil, err
	}
	limited.left = math.MaxInt64
	a := &archive{ctx: ctx, parts: map[string]*zip.File{}, most: math.MaxInt64}
	if l.Bytes > 0 {
		a.most = max(64<<20, 20*l.Bytes)
	}
	for _, file := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(file.Name, `\`, "/"), "/"))
		if _, twice := a.parts[name]; twice {
			return nil, fmt.Errorf("%w: it has %q twice", errDamaged, file.Name)
		}
		a.parts[name] = file
	}
	return a, nil
}

// frugal is a file of which only so much may be read.
type frugal struct {
	f    io.ReaderAt
	left int64
}

func (f *frugal) ReadAt(p []byte, at int64) (int, error) {
	if f.left -= int64(len(p)); f.left < 0 {
		return 0, errUnpacksTooLarge
	}
	return f.f.ReadAt(p, at)
}

// open opens a part by its name, for reading as XML whose tokens have so many bytes at most. Its error is
// fs.ErrNotExist if there is none.
func (a *archive) open(name string, token int64) (*part, error) {
	file := a.parts[strings.ToLower(name)]
	if file == nil {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	if file.Flags&1 != 0 {
		return nil, fmt.Errorf("%w: %s is encrypted", errDamaged, name)
	}
	// What a part says of its size is checked when it is read: it cannot be larger.
	if n := file.UncompressedSize64; n > uint64(a.most) || n > minRatio && n/maxRatio > file.CompressedSize64 { // #nosec G115 -- it is not negative
		return nil, errUnpacksTooLarge
	}
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	return newPart(a.ctx, &unpacking{a, r}, token), nil
}

// unpacking is a part of an archive as it is read. All of them together must not be too large, since the same
// bytes may be several parts.
type unpacking struct {
	a *archive
	r io.ReadCloser
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.a.most -= int64(n)
	if u.a.most < 0 {
		return 0, errUnpacksTooLarge
	}
	if err != nil {
		_ = u.r.Close()
	}
	return n, err
}

// link is what one part says of another one.
type link struct{ kind, target string } // "worksheet"; its name in the archive

// links reads the links of a part, by their ids. A part need not have any.
func (a *archive) links(name string) (map[string]link, error) {
	folder, file := path.Split(name)
	p, err := a.open(folder+"_rels/"+file+".rels", smallToken)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := map[string]link{}
	err = p.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		if len(found) == maxParts {
			return errUnpacksTooLarge
		}
		target := strings.ReplaceAll(attribute(e, "Target"), `\`, "/")
		if strings.HasPrefix(target, "/") {
			target = path.Clean(target)[1:]
		} else {
			target = path.Join(folder, target)
		}
		found[attribute(e, "Id")] = link{path.Base(attribute(e, "Type")), target}
		return nil
	})
	return found, err
}

// smallToken is how many bytes a tag or text may have in those parts that only say what there is, and
// maxParts how many things a part may tell of there.
const (
	smallToken = 64 << 10
	maxParts   = 65_536
)
