package httpserver

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// DefaultMaxRanges is how many ranges of one file a request may ask for.
const DefaultMaxRanges = 32

// byteRange is a part of a file.
type byteRange struct{ start, length int64 }

// contentRange is the value of Content-Range (RFC 9110 section 14.4).
func (r byteRange) contentRange(size int64) string {
	return "bytes " + itoa(r.start) + "-" + itoa(r.start+r.length-1) + "/" + itoa(size)
}

var errUnsatisfiable = errors.New("httpserver: no range is satisfiable")

// parseRanges reads a Range field (RFC 9110 section 14.2) for a representation of that size. It returns nil
// where the whole is to be sent: for another unit, a field that is not well-formed, more ranges than limit, or
// ranges that are together more than the whole, which only a mistake or an attack asks for. Where no range
// lies within the representation it is errUnsatisfiable.
func parseRanges(field string, size int64, limit int) ([]byteRange, error) {
	unit, list, ok := strings.Cut(field, "=")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return nil, nil
	}
	var all []byteRange
	var sum int64
	specs := 0
	for spec := range strings.SplitSeq(list, ",") {
		if spec = strings.Trim(spec, " \t"); spec == "" {
			continue
		}
		if specs++; specs > limit {
			return nil, nil
		}
		r, ok := parseRange(spec, size)
		if !ok {
			return nil, nil
		}
		if r.length > 0 {
			all = append(all, r)
			sum += min(r.length, size)
		} else if r.start < 0 { // a suffix of something that is empty
			return nil, nil
		}
	}
	switch {
	case specs == 0:
		return nil, nil
	case len(all) == 0:
		return nil, errUnsatisfiable
	case len(all) > 1 && sum > size:
		return nil, nil
	}
	return all, nil
}

// parseRange reads one range: "0-4", "5-" or "-3". A length of 0 says that it is not satisfiable, and a start
// of -1 that it is and has nothing in it.
func parseRange(spec string, size int64) (r byteRange, ok bool) {
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return r, false
	}
	if first == "" {
		n, ok := digits(last)
		switch {
		case !ok:
			return r, false
		case n == 0:
			return r, true
		case size == 0:
			return byteRange{-1, 0}, true
		}
		n = min(n, size)
		return byteRange{size - n, n}, true
	}
	from, ok := digits(first)
	if !ok {
		return r, false
	}
	to := size - 1
	if last != "" {
		n, ok := digits(last)
		if !ok || n < from {
			return r, false
		}
		to = min(n, to)
	}
	if from >= size {
		return r, true
	}
	return byteRange{from, to - from + 1}, true
}

// digits reads a number of decimal digits alone. One that is too large is as large as can be.
func digits(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 1<<63 - 1, true
	}
	return n, err == nil
}

// rangesOf returns what a request asks for of a representation: nil for the whole.
func rangesOf(r Request, etag string, modified time.Time, size int64, limit int) ([]byteRange, error) {
	// Of no other method is it known what a range of it were (RFC 9110 section 14.2).
	if r.Method() != "GET" || !ifRange(r, etag, modified) {
		return nil, nil
	}
	var field string
	n := 0
	for v := range r.Fields().Values("Range") {
		field = string(v)
		n++
	}
	if n != 1 {
		return nil, nil
	}
	if limit == 0 {
		limit = DefaultMaxRanges
	}
	return parseRanges(field, size, limit)
}

// ifRange reports whether a range is wanted, by an If-Range that is not there or matches (RFC 9110 section
// 13.1.5): strongly, and a date exactly.
func ifRange(r Request, etag string, modified time.Time) bool {
	field, ok := r.Fields().Combined("If-Range")
	if !ok {
		return true
	}
	if strings.HasPrefix(field, `"`) || strings.HasPrefix(field, "W/") {
		return field == etag && !strings.HasPrefix(etag, "W/")
	}
	date, ok := dateField(r, "If-Range")
	return ok && !modified.IsZero() && modified.Truncate(time.Second).Equal(date)
}

// fileContent is a file, or parts of it with text around each.
type fileContent struct {
	f     *os.File
	parts []filePart
	end   string
	r     io.Reader // what Read reads, once it was called
}

type filePart struct {
	head string
	byteRange
}

func wholeFile(f *os.File, size int64) *fileContent {
	return &fileContent{f: f, parts: []filePart{{"", byteRange{0, size}}}}
}

// multipart makes a multipart/byteranges body of ranges (RFC 9110 section 14.6).
func multipart(f *os.File, ranges []byteRange, contentType string, size int64) (c *fileContent, boundary string) {
	boundary = rand.Text()
	c = &fileContent{f: f}
	for i, r := range ranges {
		head := "--" + boundary + "\r\nContent-Type: " + contentType + "\r\nContent-Range: " + r.contentRange(size) + "\r\n\r\n"
		if i > 0 {
			head = "\r\n" + head
		}
		c.parts = append(c.parts, filePart{head, r})
	}
	c.end = "\r\n--" + boundary + "--\r\n"
	return c, boundary
}

func (c *fileContent) length() int64 {
	n := int64(len(c.end))
	for _, p := range c.parts {
		n += int64(len(p.head)) + p.length
	}
	return n
}

// WriteTo lets a ResponseWriter have the file itself, which goes out by the kernel.
func (c *fileContent) WriteTo(w io.Writer) (n int64, err error) {
	write := func(s string) bool {
		if s != "" && err == nil {
			var k int
			k, err = io.WriteString(w, s)
			n += int64(k)
		}
		return err == nil
	}
	for _, p := range c.parts {
		if !write(p.head) {
			return n, err
		}
		if _, err = c.f.Seek(p.start, io.SeekStart); err != nil {
			return n, err
		}
		k, err := io.Copy(w, &io.LimitedReader{R: c.f, N: p.length})
		n += k
		if err == nil && k < p.length {
			err = io.ErrUnexpectedEOF // the file was cut meanwhile
		}
		if err != nil {
			return n, err
		}
	}
	write(c.end)
	return n, err
}

// Read reads what WriteTo writes.
func (c *fileContent) Read(p []byte) (int, error) {
	if c.r == nil {
		var all []io.Reader
		for _, part := range c.parts {
			all = append(all, strings.NewReader(part.head), io.NewSectionReader(c.f, part.start, part.length))
		}
		c.r = io.MultiReader(append(all, strings.NewReader(c.end))...)
	}
	return c.r.Read(p)
}

// Close closes the file.
func (c *fileContent) Close() error { return c.f.Close() }

// page is content that is in memory.
type page struct{ bytes.Reader }

func newPage(b []byte) *page {
	p := new(page)
	p.Reset(b)
	return p
}

// Close does nothing.
func (*page) Close() error { return nil }
