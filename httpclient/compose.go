package httpclient

import (
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/wire"
)

// compose begins the fields of a request in c.out with the automatic ones, as http.client does: Host and
// Accept-Encoding, where the caller has none and the version knows them.
func (c *Conn) compose(method, target string, fields *headers.Fields, skip Skip) error {
	c.out.Reset()
	c.folds = c.folds[:0]
	if c.config.Version == wire.HTTP10 {
		return nil
	}
	if c.asGiven {
		return nil
	}
	if skip&SkipHost == 0 && !fields.Has("Host") {
		host, err := c.hostFor(method, target)
		if err != nil {
			return err
		}
		c.out.AddBytes(hostName, host)
	}
	if skip&SkipAcceptEncoding == 0 && !fields.Has("Accept-Encoding") {
		c.out.Add("Accept-Encoding", "identity")
	}
	return nil
}

var (
	hostName      = []byte("Host")
	contentLength = []byte("Content-Length")
)

// hostFor returns the value of Host: that of the authority of an absolute-form target, without userinfo,
// which is empty where the target has no authority (RFC 9112 section 3.2); else that of the origin, which
// under a tunnel is its far end.
func (c *Conn) hostFor(method, target string) ([]byte, error) {
	if target == "" || target[0] == '/' || target[0] == '*' {
		return c.hostValue(), nil
	}
	t, err := wire.ParseTarget(method, target)
	if err != nil {
		return nil, sendError(err)
	}
	authority := target[t.AuthorityStart:t.AuthorityEnd]
	// That of http and https was left out of the target; other schemes may have it.
	return []byte(authority[strings.LastIndexByte(authority, '@')+1:]), nil
}

// withoutUserinfo returns target without the userinfo of an http or https URI, which RFC 9110 section 4.2.4 bans
// from messages: it would give a password to whoever is on the way.
func withoutUserinfo(target string) string {
	scheme, rest, ok := strings.Cut(target, "://")
	if !ok || !wire.EqualFold(scheme, "http") && !wire.EqualFold(scheme, "https") {
		return target
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority = rest[:end]
	}
	return scheme + "://" + rest[strings.LastIndexByte(authority, '@')+1:]
}

func (c *Conn) hostValue() []byte {
	if c.tunnel != nil {
		return c.tunnel.field
	}
	return c.field
}

// composeFraming adds Content-Length or Transfer-Encoding, unless the caller has framed the content.
func (c *Conn) composeFraming(method string, fields *headers.Fields) error {
	content := &c.content
	size, err := driver.Size(content)
	if err == nil {
		err = checkFile(content)
	}
	if err != nil {
		return &protocolError{kind: ErrUnimplementedFileMode, err: err}
	}
	if c.asGiven || fields.Has("Content-Length") || fields.Has("Transfer-Encoding") {
		return checkFraming(fields, content, size)
	}
	switch {
	case content.Trailers() != nil || size < 0 || content.IsCoded():
		if c.config.Version == wire.HTTP10 {
			return &protocolError{kind: ErrHTTP, err: &unknownLengthError{}}
		}
		c.out.Add("Transfer-Encoding", "chunked")
	case content.Kind() != body.KindNone, expectsContent(method):
		c.digits = strconv.AppendInt(c.digits[:0], size, 10)
		c.out.AddBytes(contentLength, c.digits)
	}
	return nil
}

// checkFraming refuses content that is known not to be what the caller's fields say it is, before anything
// is dialled. What is wrong with the fields themselves, the machine finds.
func checkFraming(fields *headers.Fields, content *body.Source, size int64) error {
	ctl := fields.Control()
	refuse := func(rule wire.Rule) error {
		return sendError(&wire.SyntaxError{Rule: rule, Element: wire.ElementContent, Offset: -1, Sent: true})
	}
	switch length := ctl.ContentLength; {
	case !ctl.Coded && length < 0 && content.Kind() != body.KindNone && ctl.Length == (headers.Fault{}):
		return refuse(wire.RuleContentUnframed) // only where nothing is added
	case ctl.Coded || length < 0:
		return nil
	case content.Trailers() != nil:
		return refuse(wire.RuleTrailerUnframed)
	case size >= 0 && size < length:
		return refuse(wire.RuleContentShort)
	case size > length:
		return refuse(wire.RuleContentExcess)
	}
	return nil
}

// unknownLengthError refuses content of unknown length in HTTP/1.0.
type unknownLengthError struct{}

func (*unknownLengthError) Error() string {
	return "content of unknown length cannot be sent in HTTP/1.0; give its length with body.SizedReader, or use body.Bytes"
}

func (*unknownLengthError) Unwrap() error { return wire.RuleCodingInHTTP10 }

// checkFile returns an error for a file that can be seen not to be readable as content: a directory, or
// one opened for writing alone. Nothing is consumed.
func checkFile(content *body.Source) error {
	f, ok := content.Reader().(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &fs.PathError{Op: "read", Path: f.Name(), Err: syscall.EISDIR}
	}
	if info.Mode().IsRegular() {
		// Reading one octet elsewhere than at the offset of f tells whether it was opened for reading.
		var octet [1]byte
		if _, err := f.ReadAt(octet[:], 0); err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

// expectsContent reports whether a request of that method is taken to have content, if only none.
func expectsContent(method string) bool {
	return wire.EqualFold(method, "POST") || wire.EqualFold(method, "PUT") || wire.EqualFold(method, "PATCH")
}
