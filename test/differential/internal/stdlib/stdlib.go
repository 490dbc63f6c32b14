package stdlib

import (
	"io"
	"log"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// Serve is the driver.
func Serve(in io.Reader, out io.Writer) error {
	log.SetOutput(io.Discard) // unsolicited responses and the like
	about := lines.About{Driver: "net/http", Version: runtime.Version(), Sides: []string{lines.Client, lines.Server}}
	s := newServer()
	return lines.Serve(in, out, about, func(c lines.Case) lines.Result {
		if c.Side == lines.Server {
			return s.run(c)
		}
		return client(c)
	})
}

// fieldsOf returns field lines; their order is lost already.
func fieldsOf(h http.Header) []lines.Field {
	f := []lines.Field{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			f = append(f, lines.Field{lines.Text(name), lines.Text(value)})
		}
	}
	return f
}

var variable = regexp.MustCompile(`(: ?)?("(\\.|[^"\\])*"?|\d{4,}|0x[0-9a-f]+)`)

// words returns an error without what it quotes, so that errors of a kind have the same words.
func words(err string) string {
	err = strings.TrimPrefix(err, "net/http: HTTP/1.x transport connection broken: ")
	err = variable.ReplaceAllString(err, "")
	return err[:min(len(err), 80)]
}
