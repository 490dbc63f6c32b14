package demo_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/cmd/strata/internal/demo"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, colour bool, o demo.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := demo.Run(t.Context(), &b, console.NewPalette(colour), o); err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, o := range map[string]demo.Options{
		"default":      {},
		"head":         {Method: "HEAD"},
		"post":         {Method: "POST"},
		"connect":      {Method: "CONNECT"},
		"chunked":      {Method: "POST", Chunked: true},
		"head-chunked": {Method: "HEAD", Chunked: true},
		"split":        {Split: 7},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, false, o)
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// all returns every combination of options that is worth a look.
func all() (options []demo.Options) {
	for _, method := range []string{"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X-A-METHOD-OF-NOBODY'S-CHOICE"} {
		for _, chunked := range []bool{false, true} {
			for _, split := range []int{0, 1, 2, 7, 50, 10000} {
				if method != "CONNECT" || !chunked {
					options = append(options, demo.Options{Method: method, Chunked: chunked, Split: split})
				}
			}
		}
	}
	return options
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestPage(t *testing.T) {
	for _, o := range all() {
		got := run(t, false, o)
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%+v: %d columns: %s", o, n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%+v: space at the end of %q", o, line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%+v: control character in %q", o, line)
			}
		}
		if again := run(t, false, o); again != got {
			t.Errorf("%+v: not the same twice", o)
		}
		coloured := run(t, true, o)
		plain := strings.Replace(escape.ReplaceAllString(coloured, ""), "Bold octets are those that the caller gave.\n", "", 1)
		if coloured == plain || plain != got {
			t.Errorf("%+v: without its colours it says something else", o)
		}
	}
}

// TestTransitions holds the options to what they promise to change.
func TestTransitions(t *testing.T) {
	transitions := func(s string) (found []string) {
		return regexp.MustCompile(`● .* → [a-z ]+`).FindAllString(s, -1)
	}
	def, head, post := run(t, false, demo.Options{}), run(t, false, demo.Options{Method: "HEAD"}), run(t, false, demo.Options{Method: "POST"})
	chunked, split := run(t, false, demo.Options{Method: "POST", Chunked: true}), run(t, false, demo.Options{Split: 7})
	for _, tt := range []struct {
		name      string
		page      string
		has, lack []string
	}{
		{"default", def, []string{`Hello, layers!\n`, `Content-Length: 15\r\n`}, []string{"Chunk", "at most"}},
		{"HEAD", head, []string{`Content-Length: 15\r\n`, "no body behind this head"}, []string{"Hello", "AppendContent"}},
		{"POST", post, []string{"name=Strata&layers=5", `Got 20 octets.\n`}, []string{"Hello"}},
		{"chunked", chunked, []string{`Transfer-Encoding: chunked\r\n`, `b;part=a\r\n`, `0\r\n`, `Chunk-Count: 2\r\n`, "the last-chunk", "extension ;part=b"}, []string{"Content-Length"}},
		{"split", split, []string{"7 octets a Read at most", "Next takes 0 of 14: need data", "network GET /he"}, nil},
	} {
		for _, s := range tt.has {
			if !strings.Contains(tt.page, s) {
				t.Errorf("%s: there is no %q", tt.name, s)
			}
		}
		for _, s := range tt.lack {
			if strings.Contains(tt.page, s) {
				t.Errorf("%s: there is %q", tt.name, s)
			}
		}
	}
	if diff := cmp.Diff(transitions(def), transitions(split)); diff != "" {
		t.Errorf("how octets arrive must not change what happens: %s", diff)
	}
	if tunnel := transitions(run(t, false, demo.Options{Method: "CONNECT"})); cmp.Equal(transitions(def), tunnel) {
		t.Error("CONNECT makes the transitions of GET")
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []demo.Options{
		{Method: "G ET"}, {Method: "a\r\nb"}, {Method: strings.Repeat("A", 30)}, {Split: -1}, {Method: "CONNECT", Chunked: true},
	} {
		var b bytes.Buffer
		if err := demo.Run(t.Context(), &b, console.NewPalette(false), o); !errors.Is(err, demo.ErrOptions) || b.Len() > 0 {
			t.Errorf("%+v: %v, and %d octets were written", o, err, b.Len())
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteError(t *testing.T) {
	err := demo.Run(t.Context(), brokenWriter{}, console.NewPalette(false), demo.Options{})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := demo.Run(ctx, io.Discard, console.NewPalette(false), demo.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func ExampleRun() {
	var page strings.Builder
	err := demo.Run(context.Background(), &page, console.NewPalette(false), demo.Options{Method: "HEAD"})
	first, _, _ := strings.Cut(page.String(), "\n")
	fmt.Println(first, err)
	// Output: One HTTP/1.1 exchange, HEAD /hello, seen from both ends <nil>
}
