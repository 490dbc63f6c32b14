package console_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/strata-http/strata/cmd/strata/internal/console"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"GET / HTTP/1.1\r\n": `GET / HTTP/1.1\r\n`,
		"\t\x00\x1b[0m\x7f":  `\t\x00\x1b[0m\x7f`,
		`a\r`:                `a\\r`,
		"\u00fc\xff":         `\xc3\xbc\xff`,
	} {
		if got := console.Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		"Server: \u00fc\tx": "Server: \u00fc\tx",
		`C:\dir`:            `C:\dir`,
		"\x1b[31m\x07\r\n":  `\x1b[31m\x07\r\n`,
		"\x9b31m\xff":       `\x9b31m\xff`,
		"\u009b31m":         `\u009b31m`,
		"\u202eabc\u2028":   `\u202eabc\u2028`,
		"\ufffd":            "\ufffd",
	} {
		if got := console.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestPalette(t *testing.T) {
	plain, colour := console.NewPalette(false), console.NewPalette(true)
	if plain.Colours() || !colour.Colours() {
		t.Error("Colours is wrong")
	}
	for style := console.Plain; style <= console.Network; style++ {
		if got := plain.Paint(style, "x"); got != "x" {
			t.Errorf("style %d: painted %q without colour", style, got)
		}
		got := colour.Paint(style, "x")
		if escape.ReplaceAllString(got, "") != "x" || (got == "x") != (style == console.Plain) {
			t.Errorf("style %d: painted %q", style, got)
		}
	}
	if got := colour.Paint(console.Wire, ""); got != "" {
		t.Errorf("nothing was painted %q", got)
	}
}

func TestColour(t *testing.T) {
	for _, w := range []console.When{console.Auto, console.Never} {
		if w.Colour(new(bytes.Buffer)) {
			t.Errorf("%s colours a buffer", w)
		}
	}
	if w := console.Always; !w.Colour(new(bytes.Buffer)) {
		t.Error("always does not colour")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if auto := console.Auto; auto.Colour(w) {
		t.Error("a pipe is coloured")
	}
	var when console.When
	if err := when.Set("sometimes"); err == nil || !strings.Contains(err.Error(), "sometimes") {
		t.Errorf("Set: %v", err)
	}
	if err := when.Set("never"); err != nil || when != console.Never || when.String() != "never" {
		t.Errorf("Set: %v, %s", err, when)
	}
}

func ExampleVisible() {
	fmt.Println(console.Visible("HTTP/1.1 200 OK\r\n"))
	// Output: HTTP/1.1 200 OK\r\n
}

func ExamplePrintable() {
	fmt.Println(console.Printable("Server: caf\u00e9\x1b[2J"))
	// Output: Server: café\x1b[2J
}
