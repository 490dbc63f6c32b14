package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// content is what -d says.
type content struct {
	source body.Source
	size   int64 // -1 when it is not known
	file   *os.File
	start  int64 // where in the file it begins
}

// openContent makes content of the value of -d: octets as they are, "@FILE" or "@-". The caller closes it.
func openContent(value string, stdin io.Reader) (content, error) {
	path, isFile := strings.CutPrefix(value, "@")
	switch {
	case !isFile:
		return content{source: body.String(value), size: int64(len(value))}, nil
	case path == "-":
		if f, ok := stdin.(*os.File); ok && f != nil {
			c, err := fileContent(f)
			c.file = nil // standard input is not ours to close
			return c, err
		}
		return content{source: body.Reader(stdin), size: -1}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return content{}, err
	}
	c, err := fileContent(f)
	if err != nil {
		f.Close()
	}
	return c, err
}

// fileContent is the content of an open file, from where it stands. Its length is known when it is a regular one.
func fileContent(f *os.File) (content, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return content{}, err
	case info.IsDir():
		return content{}, &fs.PathError{Op: "read", Path: f.Name(), Err: errors.New("it is a directory")}
	case !info.Mode().IsRegular():
		return content{source: body.Reader(f), size: -1, file: f}, nil
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return content{}, err
	}
	return content{source: body.File(f), size: max(info.Size()-at, 0), file: f, start: at}, nil
}

func (c *content) Close() {
	if c.file != nil {
		c.file.Close()
	}
}

// compose returns the fields of a request: the automatic ones that were neither removed nor given by the user, and then
// the user's in their order. Only Host comes first whoever gave it, as RFC 9110 section 7.2 has it.
func compose(method, host string, c *content, given *fieldFlag) *headers.Fields {
	user, out := &given.fields, new(headers.Fields)
	automatic := func(name, value string) {
		if !user.Has(name) && !given.removes(name) {
			out.Add(name, value)
		}
	}
	first := -1
	for i := range user.Len() {
		if name, value := user.At(i); first < 0 && strings.EqualFold(string(name), "Host") {
			out.AddBytes(name, value)
			first = i
		}
	}
	automatic("Host", host)
	automatic("User-Agent", "strata")
	automatic("Accept-Encoding", "identity")
	framed := user.Has("Content-Length") || user.Has("Transfer-Encoding")
	switch {
	case framed:
	case c.size < 0:
		out.Add("Transfer-Encoding", "chunked")
	case c.source.Kind() != body.KindNone, slices.Contains([]string{"POST", "PUT", "PATCH"}, strings.ToUpper(method)):
		// These methods are taken to have content: that there is none is said too (RFC 9110 section 8.6).
		out.Add("Content-Length", strconv.FormatInt(c.size, 10))
	}
	for i := range user.Len() {
		if i != first {
			out.AddBytes(user.At(i))
		}
	}
	return out
}

// hostField returns the value of Host: without a zone, which means nothing elsewhere, and with the port only when it is
// not the scheme's.
func hostField(host string, port, defaultPort int) string {
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%")
		host = "[" + host + "]"
	}
	if port != defaultPort {
		return net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))
	}
	return host
}

// check asks the machine that will send a request whether it can be sent. So what is wrong with it is known before
// anything is dialled, and not taken for a fault of the peer.
func check(method, target string, fields *headers.Fields, size int64) error {
	_, err := conn.New(conn.Client, conn.Config{ObsTarget: true}).AppendRequest(nil, method, target, fields)
	if err != nil {
		return err
	}
	if ctl := fields.Control(); ctl.ContentLength >= 0 && size >= 0 && ctl.ContentLength != size {
		return fmt.Errorf("the content has %d octets, and Content-Length says %d", size, ctl.ContentLength)
	}
	return nil
}
