package sheet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// bom is the byte order mark, in UTF-8.
const bom = "\ufeff"

// encoding is how the letters of a text file are written.
type encoding string

// The encodings that programs on people's desks write CSV in.
const (
	asUTF8    encoding = "UTF-8"
	asUTF16LE encoding = "UTF-16"
	asUTF16BE encoding = "UTF-16 (big-endian)"
	as1252    encoding = "Windows-1252"
)

// windows1252 are the characters of the bytes from 0x80 to 0x9f; 0 stands for none. The bytes from 0xa0 on
// are the characters of the same number.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// encodingOf reads the file once through and says which encoding it is in, and what in it is no text. The
// rule is:
//
//   - A byte order mark says it. Without one, a file whose bytes in the first 4 KiB are zero at each other
//     place at least half of the times, and nowhere else, is UTF-16.
//   - What is valid UTF-8 is that.
//   - Else the sequences of more than one byte that are valid UTF-8 are counted, and so are the places where
//     bytes are that cannot be UTF-8. Real Windows-1252 has a letter of one such byte here and there, and
//     hardly ever two letters that look like one of UTF-8 ("Ã¼"); so it is that only if there are fewer
//     valid ones than broken ones. Otherwise it is UTF-8 that was damaged: refused, with the lines.
//
// Refusing is the safe side: who reads a damaged file as Windows-1252 gets "MÃ¼ller" on every other line.
func encodingOf(ctx context.Context, f io.ReaderAt, size int64) (encoding, error) {
	start := make([]byte, 4096)
	n, err := f.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	e, certain := guess(start[:n])
	if e == asUTF16LE || e == asUTF16BE {
		return e, inspectUTF16(ctx, f, size, e)
	}
	found, err := inspectBytes(ctx, f, size)
	if err != nil {
		return "", err
	}
	switch {
	case len(found.nul.told) > 0:
		return "", found.nul.refused()
	case found.broken == 0:
		return asUTF8, nil
	case certain || found.valid >= found.broken:
		return "", found.notUTF8.refused()
	}
	return as1252, found.not1252.refused()
}

// guess says which encoding the first bytes of a file are in, and whether a byte order mark says so.
func guess(start []byte) (e encoding, certain bool) {
	switch {
	case bytes.HasPrefix(start, []byte(bom)):
		return asUTF8, true
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		return asUTF16LE, true
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		return asUTF16BE, true
	}
	var zeros [2]int
	for i, b := range start {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(start) / 2; {
	case half >= 2 && zeros[0] == 0 && zeros[1] >= half/2+1:
		return asUTF16LE, false
	case half >= 2 && zeros[1] == 0 && zeros[0] >= half/2+1:
		return asUTF16BE, false
	}
	return asUTF8, false
}

// inspected is what is in a file of single bytes or UTF-8.
type inspected struct {
	valid, broken         int // sequences of more than one byte; places where bytes are that cannot be UTF-8
	nul, notUTF8, not1252 flaws
}

func inspectBytes(ctx context.Context, f io.ReaderAt, size int64) (*inspected, error) {
	found := &inspected{}
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), 64<<10)
	line, at := 1, lineCounter{}
	lastBroken, last1252, lastNUL := 0, 0, 0 // lines, each told once
	inBroken := false
	for {
		if r.Buffered() == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if _, err := r.Peek(1); errors.Is(err, io.EOF) {
				return found, nil
			} else if err != nil {
				return nil, err
			}
		}
		chunk, _ := r.Peek(r.Buffered())
		plain := 0
		for ; plain < len(chunk) && chunk[plain] < utf8.RuneSelf; plain++ {
			b := chunk[plain]
			if b == 0 && lastNUL != line {
				lastNUL = line
				found.nul.add(line, "Line %s contains a character that no text has (NUL). Save the file again as CSV or XLSX.", grouped(line))
			}
			if b == '\n' || b == '\r' || at.afterCR {
				line += at.breaks(rune(b))
			}
		}
		if plain > 0 {
			inBroken = false
			_, _ = r.Discard(plain)
			continue
		}
		at.afterCR = false
		b := chunk[0]
		if b <= 0x9f && windows1252[b-0x80] == 0 && last1252 != line {
			last1252 = line
			found.not1252.add(line, "Line %s contains a character that could not be understood. Save the file as “CSV UTF-8” or as XLSX.", grouped(line))
		}
		rest, _ := r.Peek(utf8.UTFMax)
		char, width := utf8.DecodeRune(rest)
		if char == utf8.RuneError && width == 1 {
			if !inBroken {
				found.broken++
			}
			inBroken = true
			if lastBroken != line {
				lastBroken = line
				found.notUTF8.add(line, "Line %s contains a character that is broken (it is not valid UTF-8). Save the file again as “CSV UTF-8” or as XLSX.", grouped(line))
			}
			_, _ = r.Discard(1)
			continue
		}
		inBroken = false
		found.valid++
		for _, b := range rest[1:width] { // whatever else they are, they may stand for no character in Windows-1252
			if b <= 0x9f && windows1252[b-0x80] == 0 && last1252 != line {
				last1252 = line
				found.not1252.add(line, "Line %s contains a character that could not be understood. Save the file as “CSV UTF-8” or as XLSX.", grouped(line))
			}
		}
		_, _ = r.Discard(width)
	}
}

func inspectUTF16(ctx context.Context, f io.ReaderAt, size int64, e encoding) error {
	var found flaws
	d := newDecoder(io.NewSectionReader(f, 0, size), e)
	line, at, last := 1, lineCounter{}, 0
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		char, sound, err := d.rune()
		if errors.Is(err, io.EOF) {
			return found.refused()
		}
		if err != nil {
			return err
		}
		if (!sound || char == 0) && last != line {
			last = line
			found.add(line, "Line %s contains a character that is broken (it is not valid UTF-16). Save the file again as “CSV UTF-8” or as XLSX.", grouped(line))
		}
		line += at.breaks(char)
	}
}

// lineCounter counts line breaks: LF, CR, and CRLF as one.
type lineCounter struct{ afterCR bool }

// breaks returns 1 if a line ends with this character, else 0.
func (c *lineCounter) breaks(char rune) int {
	second := char == '\n' && c.afterCR
	c.afterCR = char == '\r'
	if char == '\r' || char == '\n' && !second {
		return 1
	}
	return 0
}

// decoder turns a file of a known encoding into UTF-8, without its byte order mark.
type decoder struct {
	r     *bufio.Reader
	e     encoding
	begun bool
}

func newDecoder(r io.Reader, e encoding) *decoder {
	return &decoder{r: bufio.NewReaderSize(r, 64<<10), e: e}
}

// Read gives whole characters only, so p must hold one: 4 bytes.
func (d *decoder) Read(p []byte) (n int, err error) {
	if d.e == asUTF8 {
		if !d.begun {
			d.begun = true
			if start, _ := d.r.Peek(len(bom)); string(start) == bom {
				_, _ = d.r.Discard(len(bom))
			}
		}
		return d.r.Read(p)
	}
	for n+utf8.UTFMax <= len(p) {
		char, _, err := d.rune()
		if err != nil {
			if n > 0 && errors.Is(err, io.EOF) {
				return n, nil
			}
			return n, err
		}
		n += utf8.EncodeRune(p[n:], char)
	}
	return n, nil
}

// rune returns the next character of a file that is not in UTF-8, and whether it is one.
func (d *decoder) rune() (char rune, sound bool, err error) {
	if d.e == as1252 {
		b, err := d.r.ReadByte()
		if char = rune(b); char >= 0x80 && char <= 0x9f {
			char = windows1252[char-0x80]
		}
		return char, true, err
	}
	char, sound, err = d.unit()
	if !d.begun {
		d.begun = true
		if char == '\ufeff' && sound && err == nil {
			char, sound, err = d.unit()
		}
	}
	if err != nil || !sound || !utf16.IsSurrogate(char) {
		return char, sound, err
	}
	next, _ := d.r.Peek(2)
	if len(next) < 2 {
		return utf8.RuneError, false, nil
	}
	pair := utf16.DecodeRune(char, d.order(next))
	if pair == utf8.RuneError {
		return pair, false, nil
	}
	_, _ = d.r.Discard(2)
	return pair, true, nil
}

// unit returns the next two bytes of UTF-16; a single byte at the end is not sound.
func (d *decoder) unit() (char rune, sound bool, err error) {
	var two [2]byte
	_, err = io.ReadFull(d.r, two[:])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return utf8.RuneError, false, nil
	}
	return d.order(two[:]), true, err
}

func (d *decoder) order(two []byte) rune {
	if d.e == asUTF16BE {
		return rune(two[0])<<8 | rune(two[1])
	}
	return rune(two[1])<<8 | rune(two[0])
}
