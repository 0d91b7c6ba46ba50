package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
)

// content is what a file is, as a sentence names it.
type content string

// What a table may come in. All else is refused.
const (
	isText content = "text"
	isZip  content = "a ZIP archive" // which XLSX files are

	isLocked content = "protected by a password"
)

// beginnings are how files begin that people have beside their spreadsheets, or save them as.
var beginnings = []struct {
	magic string
	what  content
}{
	{"PK\x03\x04", isZip},
	{"PK\x05\x06", isZip}, // with nothing in it
	{"%PDF", "a PDF document"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"GIF8", "a picture"},
	{"RIFF", "a picture or a recording"},
	{"II*\x00", "a picture"},
	{"MM\x00*", "a picture"},
	{"{\\rtf", "a text document"},
	{"\x1f\x8b", "a packed file"},
	{"7z\xbc\xaf\x27\x1c", "a packed file"},
	{"Rar!\x1a", "a packed file"},
	{"SQLite format 3\x00", "a database"},
	{"\xff\xfe\x00\x00", "text in the encoding UTF-32"},
	{"\x00\x00\xfe\xff", "text in the encoding UTF-32"},
}

// marked are how files in a mark-up language begin, in lower case, white space before it left out.
var marked = []struct {
	start string
	what  content
}{
	{"<!doctype html", "a web page"},
	{"<html", "a web page"},
	{"<table", "a web page"},
	{"<?xml", "an XML document"},
}

// recognise says what the file is, by how it begins.
func recognise(ctx context.Context, f io.ReaderAt, size int64) (content, error) {
	start := make([]byte, 512)
	n, err := f.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	start = start[:n]
	for _, b := range beginnings {
		if bytes.HasPrefix(start, []byte(b.magic)) {
			return b.what, nil
		}
	}
	if bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) { // what Office put its files in until 2007, and still those with a password
		locked, err := contains(ctx, f, size, utf16le("EncryptedPackage"))
		if locked {
			return isLocked, err
		}
		return "in the old format of Excel, Word or PowerPoint", err
	}
	lower := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(start, []byte(bom)), " \t\r\n"))
	for _, m := range marked {
		if bytes.HasPrefix(lower, []byte(m.start)) {
			return m.what, nil
		}
	}
	return isText, nil
}

// contains says whether the needle is in the first 64 MiB of the file.
func contains(ctx context.Context, f io.ReaderAt, size int64, needle []byte) (bool, error) {
	r := io.NewSectionReader(f, 0, min(size, 64<<20))
	buf, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.Contains(buf[:kept+n], needle) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return false, err
		}
		kept = copy(buf, buf[max(0, kept+n-len(needle)):kept+n])
	}
}

func utf16le(ascii string) []byte {
	return slices.Concat(bytes.Join(bytes.Split([]byte(ascii), nil), []byte{0}), []byte{0})
}
