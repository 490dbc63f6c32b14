package console

import (
	"fmt"
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// Style is the role of a piece of text.
type Style uint8

// The styles. Plain, the zero value, has no colour.
const (
	Plain  Style = iota
	Faint        // what only holds the page together
	Strong       // headings and calls

	// The layers.
	Caller
	Wire
	Headers
	Body
	Conn
	Network

	numStyles
)

var attributes = [numStyles][]color.Attribute{
	Plain:   nil,
	Faint:   {color.Faint},
	Strong:  {color.Bold},
	Caller:  {color.Bold},
	Wire:    {color.FgCyan},
	Headers: {color.FgGreen},
	Body:    {color.FgYellow},
	Conn:    {color.FgMagenta},
	Network: {color.FgBlue},
}

// Palette paints text. Make one with [NewPalette].
type Palette struct {
	styles [numStyles]*color.Color // nil paints nothing
}

// NewPalette returns a Palette that colours, or one that leaves all text as it is.
func NewPalette(colour bool) *Palette {
	p := new(Palette)
	if !colour {
		return p
	}
	for style, attrs := range attributes {
		if attrs != nil {
			p.styles[style] = color.New(attrs...)
			p.styles[style].EnableColor() // whether to colour was decided for the writer, not for os.Stdout
		}
	}
	return p
}

// Colours reports whether p colours anything.
func (p *Palette) Colours() bool { return p.styles[Strong] != nil }

// Paint returns text in the colour of style.
func (p *Palette) Paint(style Style, text string) string {
	c := p.styles[style]
	if c == nil || text == "" {
		return text
	}
	return c.Sprint(text)
}

// When tells when to colour; it is the value of a flag.
type When string

// The values of When.
const (
	Auto   When = "auto" // on a terminal, unless NO_COLOR is set or TERM is "dumb"
	Always When = "always"
	Never  When = "never"
)

// String returns the value as it is given on a command line.
func (w *When) String() string { return string(*w) }

// Type names the value in a help text.
func (w *When) Type() string { return "WHEN" }

// Set takes "auto", "always" or "never".
func (w *When) Set(s string) error {
	switch When(s) {
	case Auto, Always, Never:
		*w = When(s)
		return nil
	}
	return fmt.Errorf("it is auto, always or never, not %q", s)
}

// Colour reports whether text written to out is to be coloured.
func (w When) Colour(out io.Writer) bool {
	switch w {
	case Always:
		return true
	case Never:
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && Terminal(out)
}

// Terminal reports whether w is a terminal.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && f != nil && term.IsTerminal(int(f.Fd()))
}
