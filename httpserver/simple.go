package httpserver

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/strata-http/strata/status"
)

// SimpleHTTPRequestHandler serves the files of a directory to GET and HEAD, in the manner of the Python class.
// It is for Do of [Dispatch], or is embedded by a type that adds methods, such as DoPOST:
//
//	type Handler struct{ *httpserver.SimpleHTTPRequestHandler }
//
//	func (Handler) DoPOST(h *httpserver.BaseHTTPRequestHandler) { … }
//
// A GuessType, TranslatePath or ListDirectory of that type, with the same signature, takes the place of its
// own.
//
// Files go out by the kernel where they can, with Last-Modified, an ETag, the preconditions of RFC 9110
// section 13 and ranges of its section 14. No link, no ".." and no encoding of it leads out of the directory:
// see [TranslatePath] and [os.Root]. What is neither a regular file nor a directory is 403. Other methods that
// HTTP defines are 405 with Allow, and others still 501.
type SimpleHTTPRequestHandler struct {
	// Root is the directory. It stays open until its owner closes it.
	Root *os.Root
	// IndexPages are the names that stand for a directory, in order; nil is index.html and index.htm. With
	// an empty list there are none.
	IndexPages []string
	// ExtensionsMap has media types by a name's extension, ".go", and "" for a name without one. It goes before
	// what GuessType knows by itself.
	ExtensionsMap map[string]string
	// NoListing answers a directory without an index page by 404.
	NoListing bool
	// Hidden says of a file, by its name below Root, that it is neither served nor listed. Everything below
	// a directory that it hides is hidden only where it says so.
	Hidden func(name string) bool
	// MaxRanges is how many ranges a request may ask for; for more it is sent the whole file. 0 is
	// [DefaultMaxRanges], and a negative one none at all.
	MaxRanges int
}

// NewSimpleHTTPRequestHandler opens a directory to serve. Close the Root when it is no longer served.
func NewSimpleHTTPRequestHandler(directory string) (*SimpleHTTPRequestHandler, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	return &SimpleHTTPRequestHandler{Root: root}, nil
}

// What a type that embeds SimpleHTTPRequestHandler may have of its own.
type (
	guessType     interface{ GuessType(name string) string }
	translatePath interface {
		TranslatePath(path string) (string, error)
	}
	listDirectory interface {
		ListDirectory(h *BaseHTTPRequestHandler, name string) io.ReadCloser
	}
)

// DoGET sends a file, an index page or a listing.
func (s *SimpleHTTPRequestHandler) DoGET(h *BaseHTTPRequestHandler) {
	content := s.SendHead(h)
	if content == nil {
		return
	}
	defer content.Close()
	if err := s.CopyFile(content, h.Wfile); err != nil && !h.Response.Committed() {
		h.LogMessage("%s: %v", h.Path, err)
		h.SendError(500)
	}
}

// DoHEAD sends what DoGET sends, but for the content.
func (s *SimpleHTTPRequestHandler) DoHEAD(h *BaseHTTPRequestHandler) {
	if content := s.SendHead(h); content != nil {
		content.Close()
	}
}

// DoOther answers a method that HTTP defines by 405 (Method Not Allowed), with the methods that are served in
// Allow (RFC 9110 section 15.5.6), and leaves the others to be answered by 501.
func (s *SimpleHTTPRequestHandler) DoOther(method string, h *BaseHTTPRequestHandler) bool {
	switch method {
	case "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE":
		s.NotAllowed(h)
		return true
	}
	return false
}

// NotAllowed answers by 405, with Allow.
func (s *SimpleHTTPRequestHandler) NotAllowed(h *BaseHTTPRequestHandler) {
	h.sendError(405, "", "", "Allow", h.dispatch.Methods())
}

// CopyFile writes what source yields to w.
func (s *SimpleHTTPRequestHandler) CopyFile(source io.Reader, w io.Writer) error {
	_, err := io.Copy(w, source)
	return err
}

// TranslatePath is the function [TranslatePath].
func (s *SimpleHTTPRequestHandler) TranslatePath(path string) (string, error) {
	return TranslatePath(path)
}

// SendHead sends the head of the response to GET or HEAD, and returns what is to be sent behind it to GET,
// which the caller closes. It returns nil where there is nothing more to send: a redirect, an error, 304.
func (s *SimpleHTTPRequestHandler) SendHead(h *BaseHTTPRequestHandler) io.ReadCloser {
	if s.Root == nil {
		h.LogMessage("there is no Root to serve")
		h.SendError(500)
		return nil
	}
	path := h.Request.Path()
	translate := s.TranslatePath
	if d, ok := h.dispatch.Do.(translatePath); ok {
		translate = d.TranslatePath
	}
	name, err := translate(path)
	if err != nil {
		h.sendPathError(err)
		return nil
	}
	if s.hidden(name) {
		h.SendError(404)
		return nil
	}
	info, err := s.Root.Stat(name)
	if err != nil {
		h.SendFileError(err)
		return nil
	}
	slash := path[len(path)-1] == '/'
	switch {
	case info.IsDir() && !slash:
		s.redirect(h, path)
		return nil
	case info.IsDir():
		return s.sendDirectory(h, name)
	case slash:
		h.SendError(404) // a file is no directory
		return nil
	}
	return s.sendFile(h, name)
}

func (s *SimpleHTTPRequestHandler) hidden(name string) bool { return s.Hidden != nil && s.Hidden(name) }

// sendPathError answers a path that names no file.
func (h *BaseHTTPRequestHandler) sendPathError(err error) {
	var bad *PathError
	if errors.As(err, &bad) {
		h.SendError(400, "Bad path", "The path of the request names no file: "+bad.Why)
		return
	}
	h.SendError(400, "Bad path", "The path of the request names no file")
}

// SendFileError answers a request for which a file could not be used: by 403 where that is not permitted, by
// 500 where the system failed, and by 404 for everything else, a link that leads out of an [os.Root] included.
// What the error says is logged and not sent.
func (h *BaseHTTPRequestHandler) SendFileError(err error) {
	code := status.NotFound
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrPermission):
		code = status.Forbidden
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ENOMEM),
		errors.Is(err, syscall.EIO), errors.Is(err, fs.ErrClosed):
		code = status.InternalServerError
	}
	if code != status.NotFound {
		h.LogMessage("%v", err)
	}
	h.SendError(int(code))
}

// redirect answers for a directory without its slash. The path has one slash at its begin and no backslash,
// or it had not been translated: so no client takes it for another origin's.
func (s *SimpleHTTPRequestHandler) redirect(h *BaseHTTPRequestHandler, path string) {
	to := oneSlash(path) + "/"
	if query := h.Request.Query(); query != "" {
		to += "?" + query
	}
	h.SendResponse(301)
	h.SendHeader("Location", strings.ReplaceAll(to, `\`, "%5C")) // a browser reads a backslash as a slash
	h.SendHeader("Content-Length", "0")
	h.EndHeaders()
}

// sendDirectory sends the head of an index page, or of a listing.
func (s *SimpleHTTPRequestHandler) sendDirectory(h *BaseHTTPRequestHandler, name string) io.ReadCloser {
	pages := s.IndexPages
	if pages == nil {
		pages = []string{"index.html", "index.htm"}
	}
	for _, page := range pages {
		page = join(name, page)
		if info, err := s.Root.Stat(page); err == nil && info.Mode().IsRegular() && !s.hidden(page) {
			return s.sendFile(h, page)
		}
	}
	if s.NoListing {
		h.SendError(404)
		return nil
	}
	if d, ok := h.dispatch.Do.(listDirectory); ok {
		return d.ListDirectory(h, name)
	}
	return s.ListDirectory(h, name)
}

// join returns the name of an entry of a directory.
func join(dir, entry string) string {
	if dir == "." {
		return entry
	}
	return dir + string(os.PathSeparator) + entry
}

// sendFile opens a file and sends the head for it.
func (s *SimpleHTTPRequestHandler) sendFile(h *BaseHTTPRequestHandler, name string) io.ReadCloser {
	// What is no file is not opened: a FIFO would wait, and a device may do anything.
	info, err := s.Root.Stat(name)
	var f *os.File
	if err == nil && info.Mode().IsRegular() {
		if f, err = s.Root.OpenFile(name, os.O_RDONLY|nonblock, 0); err == nil {
			info, err = f.Stat()
		}
	}
	if err != nil {
		if f != nil {
			f.Close()
		}
		h.SendFileError(err)
		return nil
	}
	if f == nil || !info.Mode().IsRegular() {
		if f != nil {
			f.Close()
		}
		h.SendError(403, "", "It is no regular file")
		return nil
	}
	guess := s.GuessType
	if d, ok := h.dispatch.Do.(guessType); ok {
		guess = d.GuessType
	}
	c := sendFileHead(h, f, info, guess(name), s.MaxRanges)
	if c == nil {
		f.Close()
		return nil
	}
	return c
}

// sendFileHead sends the head of the response with a file, and returns what to send of it.
func sendFileHead(h *BaseHTTPRequestHandler, f *os.File, info fs.FileInfo, contentType string, maxRanges int) *fileContent {
	etag, modified, size := ETag(info), info.ModTime(), info.Size()
	switch Precondition(h.Request, etag, modified) {
	case status.NotModified:
		h.SendResponse(304)
		sendValidators(h, etag, modified)
		h.EndHeaders()
		return nil
	case status.PreconditionFailed:
		h.SendError(412)
		return nil
	}
	ranges, err := rangesOf(h.Request, etag, modified, size, maxRanges)
	if err != nil {
		h.sendError(416, "", "", "Content-Range", "bytes */"+itoa(size))
		return nil
	}
	var c *fileContent
	code, contentRange := 200, ""
	switch len(ranges) {
	case 0:
		c = wholeFile(f, size)
	case 1:
		code, contentRange = 206, ranges[0].contentRange(size)
		c = &fileContent{f: f, parts: []filePart{{"", ranges[0]}}}
	default:
		code = 206
		var boundary string
		c, boundary = multipart(f, ranges, contentType, size)
		contentType = "multipart/byteranges; boundary=" + boundary
	}
	h.SendResponse(code)
	h.SendHeader("Content-Type", contentType)
	h.SendHeader("Content-Length", itoa(c.length()))
	if contentRange != "" {
		h.SendHeader("Content-Range", contentRange)
	}
	sendValidators(h, etag, modified)
	if maxRanges >= 0 {
		h.SendHeader("Accept-Ranges", "bytes")
	}
	h.EndHeaders()
	return c
}

func sendValidators(h *BaseHTTPRequestHandler, etag string, modified time.Time) {
	if now := time.Now(); modified.After(now) {
		modified = now // never later than Date (RFC 9110 section 8.8.2.1)
	}
	h.SendHeader("Last-Modified", DateString(modified))
	h.SendHeader("ETag", etag)
}
