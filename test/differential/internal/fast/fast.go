package fast

import (
	"io"
	"iter"
	"runtime/debug"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// Serve is the driver.
func Serve(in io.Reader, out io.Writer) error {
	about := lines.About{Driver: "fasthttp", Version: version(), Sides: []string{lines.Client, lines.Server}}
	s := newServer()
	return lines.Serve(in, out, about, func(c lines.Case) lines.Result {
		if c.Side == lines.Server {
			return s.run(c)
		}
		return client(c)
	})
}

// version returns the version of fasthttp in this program.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/valyala/fasthttp" {
				return m.Version
			}
		}
	}
	return "unknown"
}

// silent is a logger of nothing.
type silent struct{}

// Printf drops what it is given.
func (silent) Printf(string, ...any) {}

func fieldsOf(all iter.Seq2[[]byte, []byte]) []lines.Field {
	f := []lines.Field{}
	for name, value := range all {
		f = append(f, lines.Field{lines.Text(name), lines.Text(value)})
	}
	return f
}

// words returns the beginning of an error, before what it quotes, so that errors of a kind have the same words.
func words(err string) string {
	for _, where := range []string{"request", "response"} {
		err = strings.TrimPrefix(err, "error when reading "+where+" headers: ")
	}
	if i := strings.IndexAny(err, "\"'0123456789"); i > 0 {
		err = err[:i]
	}
	return strings.TrimRight(err[:min(len(err), 40)], " :")
}
