package har

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/strata-http/strata/headers"
)

// unknownType is what browsers write for content of no type.
const unknownType = "x-unknown"

// partial is the comment on a text that is not all of its content.
const partial = "the text is the first part of the content"

func mimeType(f *headers.Fields) string {
	if v := f.Get("Content-Type"); len(v) > 0 {
		return text(v)
	}
	return unknownType
}

func postData(f *headers.Fields, c *content) *PostData {
	p := &PostData{MimeType: mimeType(f), Params: []Pair{}}
	p.Text, p.Encoding = encode(c.kept, !c.whole())
	if !c.whole() {
		p.Comment = partial
	}
	kind, _, _ := strings.Cut(p.MimeType, ";")
	if strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") && p.Encoding == "" && c.whole() {
		p.Params = parameters(p.Text)
	}
	return p
}

func responseContent(f *headers.Fields, c *content) Content {
	r := Content{Size: c.size, MimeType: mimeType(f)}
	kept, whole := c.kept, c.whole()
	if !whole {
		r.Comment = partial
	} else if plain, ok := decode(f, kept, c.max); ok {
		r.Size = int64(len(plain))
		r.Compression = r.Size - c.size
		kept = plain
	}
	r.Text, r.Encoding = encode(kept, !whole)
	return r
}

// encode returns octets as a text: as they are where they are one, else in base64. cut says that the end may have torn a
// character apart.
func encode(octets []byte, cut bool) (text, encoding string) {
	plain := octets
	if cut {
		for n := 1; n < utf8.UTFMax && n <= len(plain); n++ {
			if tail := plain[len(plain)-n:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					plain = plain[:len(plain)-n]
				}
				break
			}
		}
	}
	if utf8.Valid(plain) && !bytes.ContainsFunc(plain, isControl) {
		return string(plain), ""
	}
	return base64.StdEncoding.EncodeToString(octets), "base64"
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\r' && r != '\n' && r != '\f' || r == 0x7f
}

// decode takes a content coding off, when it is one of gzip and deflate (RFC 9110 section 8.4.1) and the content does not
// grow beyond limit, if that is not negative.
func decode(f *headers.Fields, octets []byte, limit int) ([]byte, bool) {
	coding, ok := f.Combined("Content-Encoding")
	if !ok || len(octets) == 0 {
		return nil, false
	}
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(octets))
	case "deflate":
		if r, err = zlib.NewReader(bytes.NewReader(octets)); err != nil {
			r, err = flate.NewReader(bytes.NewReader(octets)), nil // what some servers send in its place
		}
	default:
		return nil, false
	}
	if err != nil {
		return nil, false
	}
	if limit < 0 {
		limit = 1 << 30
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	return plain, err == nil && len(plain) <= limit
}
