package share

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"

	"github.com/strata-http/strata/httpserver"
)

// maxFiles is how many files one form may have.
const maxFiles = 1000

// formBoundary returns the boundary of a form with files.
func formBoundary(contentType string) (string, bool) {
	kind, params, err := mime.ParseMediaType(contentType)
	return params["boundary"], err == nil && kind == "multipart/form-data" && params["boundary"] != ""
}

// storeForm stores the files of a form in the directory that the path names: all of them, or, where one cannot be
// written, none. Its other fields are passed over.
func (s uploads) storeForm(h *httpserver.BaseHTTPRequestHandler, boundary string) {
	dir, err := httpserver.TranslatePath(h.Request.Path())
	if err != nil {
		h.SendError(400, "Bad path", "The path of the request names no directory")
		return
	}
	info, err := s.Root.Stat(dir)
	if err == nil && !info.IsDir() {
		h.SendError(409, "", "A form is sent to a directory")
		return
	}
	if err != nil {
		h.SendFileError(err)
		return
	}
	f := form{s: s, h: h, dir: dir, content: s.content(h)}
	err = f.write(multipart.NewReader(f.content, boundary))
	if err == nil && len(f.parts) == 0 {
		err = &fault{400, "There is no file in the form"}
	}
	if err == nil {
		err = f.commit()
	}
	if err != nil {
		f.discard()
		s.refuse(h, err)
		return
	}
	h.SendResponse(201)
	h.SendHeader("Location", h.Request.Path())
	h.SendHeader("Content-Length", "0")
	h.EndHeaders()
}

// form is the files of a form under way.
type form struct {
	s       uploads
	h       *httpserver.BaseHTTPRequestHandler
	dir     string
	content io.Reader
	parts   []part
}

// part is a file that is written and has not got its name.
type part struct{ part, name string }

// write writes the parts.
func (f *form) write(r *multipart.Reader) error {
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return f.rest()
		}
		if err != nil {
			return formError(err)
		}
		if p.FileName() == "" {
			continue
		}
		name, ok := inDirectory(f.dir, p.FileName())
		if !ok || len(f.parts) == maxFiles {
			return &fault{400, "The name of a file in the form is no name, or there are too many files"}
		}
		if _, err := f.s.replaceable(f.h, name); err != nil {
			return err
		}
		written, err := f.s.write(name, &formReader{r: p})
		if err != nil {
			return err
		}
		f.parts = append(f.parts, part{written, name})
	}
}

// rest reads what is behind the form, so that content that breaks off is noticed.
func (f *form) rest() error {
	_, err := io.Copy(io.Discard, f.content)
	return err
}

func (f *form) commit() error {
	for len(f.parts) > 0 {
		p := f.parts[0]
		f.parts = f.parts[1:]
		if err := f.s.commit(p.part, p.name); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what has no name yet.
func (f *form) discard() {
	for _, p := range f.parts {
		f.s.Root.Remove(p.part)
	}
	f.parts = nil
}

// formReader tells errors of the form from those of the file that it is written to.
type formReader struct{ r io.Reader }

func (f *formReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		err = formError(err)
	}
	return n, err
}

// formError is the fault for content that is no form, unless the content itself could not be read.
func formError(err error) error {
	var request *httpserver.RequestError
	var f *fault
	var path *fs.PathError
	if errors.As(err, &request) || errors.As(err, &f) || errors.As(err, &path) {
		return err
	}
	return &fault{400, "The content is no form as its Content-Type says (RFC 7578)"}
}
