package share

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpserver"
)

// partPrefix begins the names of parts. Nothing of such a name is served, listed or taken.
const partPrefix = ".strata-upload-"

// fault is why an upload is refused.
type fault struct {
	code    int
	explain string
}

func (e *fault) Error() string { return e.explain }

var (
	errTooLarge  = &fault{413, "The content is larger than --upload-limit admits"}
	errDirectory = &fault{409, "There is a directory, or something else that is no file"}
	errNoParent  = &fault{409, "The directory that the file would be in does not exist"}
	errReserved  = &fault{403, "Names of that kind are for files under way"}
)

// DoPUT stores the content under the path of the request: 201 where that is new, 204 where it was replaced.
func (s uploads) DoPUT(h *httpserver.BaseHTTPRequestHandler) {
	if !s.admit(h) {
		return
	}
	s.store(h)
}

// DoPOST stores each file of a form in the directory that the path names, and other content as DoPUT does.
func (s uploads) DoPOST(h *httpserver.BaseHTTPRequestHandler) {
	if !s.admit(h) {
		return
	}
	if boundary, ok := formBoundary(h.Request.Field("Content-Type")); ok {
		s.storeForm(h, boundary)
		return
	}
	s.store(h)
}

// admit refuses what is known not to be taken before any content is read, which also spares a client that waits for 100
// (Continue) from sending it.
func (s uploads) admit(h *httpserver.BaseHTTPRequestHandler) bool {
	n := h.Request.ContentLength()
	switch {
	case s.foreign(h):
		h.SendError(403, "", "The page that sends it is of another origin; --cors admits that")
	case h.Request.Framing().Mode == body.NoBody && !h.Headers.Has("Content-Length"):
		h.SendError(411, "", "An upload has a Content-Length, of 0 for an empty file, or is chunked")
	case s.o.UploadLimit >= 0 && n > s.o.UploadLimit:
		s.refuse(h, errTooLarge)
	case h.Headers.Has("Content-Range"):
		h.SendError(400, "", "A part of a file cannot be stored (RFC 9110 section 14.5)")
	case h.Headers.Has("Content-Encoding"):
		h.SendError(415, "", "What is stored has no content coding")
	default:
		return true
	}
	return false
}

// content reads the content, up to the limit.
func (s uploads) content(h *httpserver.BaseHTTPRequestHandler) io.Reader {
	if s.o.UploadLimit < 0 {
		return h.Rfile
	}
	return &limited{h.Rfile, s.o.UploadLimit}
}

// limited fails with errTooLarge where more than n octets come.
type limited struct {
	r io.Reader
	n int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.n+1 {
		p = p[:l.n+1]
	}
	n, err := l.r.Read(p)
	if l.n -= int64(n); l.n < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// refuse answers an upload that failed. A client that broke off is not answered, nor one whose content cannot be read:
// the server answers that.
func (s uploads) refuse(h *httpserver.BaseHTTPRequestHandler, err error) {
	var f *fault
	var request *httpserver.RequestError
	switch {
	case errors.As(err, &request):
	case errors.As(err, &f):
		h.SendError(f.code, "", f.explain)
	case errors.Is(err, syscall.ENOSPC):
		h.LogMessage("%v", err)
		h.SendError(507)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		h.SendError(errNoParent.code, "", errNoParent.explain)
	default:
		h.SendFileError(err)
	}
}

// store stores the content as the file that the path names.
func (s uploads) store(h *httpserver.BaseHTTPRequestHandler) {
	target := h.Request.Path()
	name, err := httpserver.TranslatePath(target)
	switch {
	case err != nil:
		h.SendError(400, "Bad path", "The path of the request names no file")
		return
	case strings.HasSuffix(target, "/"):
		h.SendError(409, "", "The path is that of a directory: name the file, or send a form")
		return
	}
	replaces, err := s.replaceable(h, name)
	if err != nil {
		s.refuse(h, err)
		return
	}
	if code := precondition(h, replaces); code != 0 {
		h.SendError(code)
		return
	}
	part, err := s.write(name, s.content(h))
	if err == nil {
		err = s.commit(part, name)
	}
	if err != nil {
		s.refuse(h, err)
		return
	}
	code := 204
	if replaces == nil {
		code = 201
	}
	h.SendResponse(code)
	if info, err := s.Root.Stat(name); err == nil {
		h.SendHeader("ETag", httpserver.ETag(info))
	}
	if code == 201 {
		h.SendHeader("Location", target)
		h.SendHeader("Content-Length", "0")
	}
	h.EndHeaders()
}

// precondition evaluates what the client demands of the file that it replaces.
func precondition(h *httpserver.BaseHTTPRequestHandler, replaces fs.FileInfo) int {
	var tag string
	var modified time.Time
	if replaces != nil {
		tag, modified = httpserver.ETag(replaces), replaces.ModTime()
	}
	return int(httpserver.Precondition(h.Request, tag, modified))
}

// replaceable looks at what an upload would replace: nil where there is nothing. A link is replaced itself, not what it
// leads to.
func (s uploads) replaceable(_ *httpserver.BaseHTTPRequestHandler, name string) (fs.FileInfo, error) {
	if strings.HasPrefix(filepath.Base(name), partPrefix) {
		return nil, errReserved
	}
	info, err := s.Root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0:
		return nil, errDirectory
	}
	return info, nil
}

// write writes a part beside the file of that name, and returns its name. On an error nothing is left of it.
func (s uploads) write(name string, content io.Reader) (part string, err error) {
	part = filepath.Join(filepath.Dir(name), partPrefix+rand.Text())
	f, err := s.Root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync() // so that the name never stands for less than the content, whatever happens to the machine
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		s.Root.Remove(part)
		return "", err
	}
	return part, nil
}

// commit gives a part its name. On an error nothing is left of it.
func (s uploads) commit(part, name string) error {
	err := s.Root.Rename(part, name)
	if err != nil {
		s.Root.Remove(part)
		if info, at := s.Root.Lstat(name); at == nil && info.IsDir() {
			err = errDirectory // it was made meanwhile
		}
	}
	return err
}

// inDirectory returns the name of a file of a form, below a directory. A browser may send a path: its last element counts.
func inDirectory(dir, name string) (string, bool) {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" || strings.ContainsRune(name, 0) || !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.Join(dir, name), true
}
