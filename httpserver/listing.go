package httpserver

import (
	"bytes"
	"html"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// ListDirectory sends the head of a listing of a directory, and returns its page. It has the entries that can be
// fetched, without regard to case in their order: directories with a slash, links with "@". Names are escaped, as
// text and as references; octets that are no UTF-8 are shown as U+FFFD, and the references to them still lead there.
func (s *SimpleHTTPRequestHandler) ListDirectory(h *BaseHTTPRequestHandler, name string) io.ReadCloser {
	entries, err := s.entries(name)
	if err != nil {
		h.SendFileError(err)
		return nil
	}
	text := listingPage(h.Request.Path(), entries)
	h.SendResponse(200)
	h.SendHeader("Content-Type", "text/html; charset=utf-8")
	h.SendHeader("Content-Length", itoa(int64(len(text))))
	h.EndHeaders()
	return newPage(text)
}

// entry is a line of a listing.
type entry struct {
	name      string
	dir, link bool
}

// entries returns what there is to fetch in a directory.
func (s *SimpleHTTPRequestHandler) entries(name string) ([]entry, error) {
	f, err := s.Root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []entry
	for {
		some, err := f.ReadDir(256)
		for _, d := range some {
			if e, ok := s.entry(name, d); ok {
				all = append(all, e)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		if c := strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return all, nil
}

// entry looks at one file. ok says that it is to be listed: that it is a directory or a regular file, or a link to
// one which does not lead out, and that its name can be asked for.
func (s *SimpleHTTPRequestHandler) entry(dir string, d os.DirEntry) (e entry, ok bool) {
	full := join(dir, d.Name())
	if strings.ContainsRune(d.Name(), '\\') || s.hidden(full) {
		return e, false
	}
	mode := d.Type()
	e = entry{name: d.Name(), link: mode&fs.ModeSymlink != 0}
	if e.link {
		info, err := s.Root.Stat(full)
		if err != nil {
			return e, false
		}
		mode = info.Mode()
	}
	e.dir = mode.IsDir()
	return e, e.dir || mode.IsRegular()
}

func listingPage(path string, entries []entry) []byte {
	shown, err := displayPath(path)
	if err != nil {
		shown = path
	}
	title := "Directory listing for " + text(shown)
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n</head>\n<body>\n<h1>" +
		title + "</h1>\n<hr>\n<ul>\n")
	for _, e := range entries {
		to, label := escapeSegment(e.name), text(e.name)
		if e.dir {
			to += "/"
		}
		switch {
		case e.link:
			label += "@"
		case e.dir:
			label += "/"
		}
		b.WriteString("<li><a href=\"" + to + "\">" + label + "</a></li>\n")
	}
	b.WriteString("</ul>\n<hr>\n</body>\n</html>\n")
	return b.Bytes()
}

// text escapes a name as text of HTML.
func text(name string) string { return html.EscapeString(strings.ToValidUTF8(name, "\uFFFD")) }

// displayPath takes off the percent-encoding of a path for a person to read.
func displayPath(path string) (string, error) {
	var b strings.Builder
	for i, segment := range strings.Split(path, "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		if segment == "" {
			continue
		}
		s, why := decodeSegment(segment)
		if why != "" {
			return "", &PathError{path, why}
		}
		b.WriteString(s)
	}
	return b.String(), nil
}
