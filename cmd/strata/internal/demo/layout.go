package demo

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/conn"
)

// The page is 80 columns wide: the client's column, a rule, the server's column.
const (
	leftWidth  = 38
	rightWidth = 39
	labelWidth = 8
)

// span is a piece of text in one style. Where it must not be broken, it is a span of its own.
type span struct {
	style console.Style
	text  string
}

func width(spans []span) (n int) {
	for _, s := range spans {
		n += utf8.RuneCountInString(s.text)
	}
	return n
}

// octets prints octets that a layer has made, found, or carried. SP at either end would be lost on the eye.
func (p *page) octets(side conn.Role, l layer, spans []span) {
	for _, i := range []int{0, len(spans) - 1} {
		if i >= 0 && spans[i].text == " " {
			spans[i] = span{console.Faint, `\x20`}
		}
	}
	p.label(side, l, spans...)
}

// octetSpans shows octets; those that are not printed as themselves are faint.
func octetSpans(octets []byte, style console.Style) []span {
	spans := make([]span, 0, len(octets))
	for _, c := range octets {
		text := console.Octet(c)
		if len(text) > 1 {
			spans = append(spans, span{console.Faint, text})
		} else {
			spans = append(spans, span{style, text})
		}
	}
	return spans
}

// page prints rows in two columns.
type page struct {
	w       *bufio.Writer
	palette *console.Palette
}

func newPage(w io.Writer, p *console.Palette) *page { return &page{bufio.NewWriter(w), p} }

func (p *page) paint(style console.Style, text string) string { return p.palette.Paint(style, text) }

// line prints one line over the whole width, without what nobody sees at its end.
func (p *page) line(spans ...span) {
	for n := len(spans); n > 0; n-- {
		last := &spans[n-1]
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			break
		}
	}
	p.w.WriteString(p.text(spans))
	p.w.WriteByte('\n')
}

// text paints spans, neighbours of the same style together.
func (p *page) text(spans []span) string {
	var out, run strings.Builder
	for i, s := range spans {
		run.WriteString(s.text)
		if i+1 == len(spans) || spans[i+1].style != s.style {
			out.WriteString(p.paint(s.style, run.String()))
			run.Reset()
		}
	}
	return out.String()
}

// both prints a line with something in each column, which must fit.
func (p *page) both(left, right []span, rule string) {
	row := append([]span{}, left...)
	row = append(row, span{console.Plain, strings.Repeat(" ", max(leftWidth-width(left), 0))}, span{console.Faint, rule})
	p.line(append(row, right...)...)
}

// row prints spans in the column of a party, broken into as many lines as it takes.
func (p *page) row(side conn.Role, spans ...span) {
	limit := leftWidth
	if side == conn.Server {
		limit = rightWidth
	}
	spans = breakable(spans, limit-labelWidth)
	for indent := 0; ; indent = labelWidth {
		n, used := 0, indent
		for n < len(spans) {
			if used += utf8.RuneCountInString(spans[n].text); used > limit && n > 0 {
				break
			}
			n++
		}
		line := append([]span{{console.Plain, strings.Repeat(" ", indent)}}, spans[:n]...)
		if side == conn.Client {
			p.both(line, nil, " │")
		} else {
			p.both(nil, line, " │ ")
		}
		if spans = spans[n:]; len(spans) == 0 {
			return
		}
	}
}

// breakable cuts spans that no line can hold.
func breakable(spans []span, limit int) []span {
	var out []span
	for _, s := range spans {
		for runes := []rune(s.text); ; {
			n := min(len(runes), limit)
			out = append(out, span{s.style, string(runes[:n])})
			if runes = runes[n:]; len(runes) == 0 {
				break
			}
		}
	}
	return out
}

// words makes a span of each word, so that a line breaks between two of them.
func words(style console.Style, text string) (spans []span) {
	for _, word := range strings.SplitAfter(text, " ") {
		spans = append(spans, span{style, word})
	}
	return spans
}

// call prints what a party calls.
func (p *page) call(side conn.Role, text string) {
	p.row(side, words(console.Strong, "▸ "+text)...)
}

// label prints what a layer has made or found.
func (p *page) label(side conn.Role, l layer, spans ...span) {
	p.row(side, append([]span{l.label()}, spans...)...)
}

// state prints a transition.
func (p *page) state(side, party conn.Role, from, to conn.State) {
	text := "● " + party.String() + " " + from.String() + " → " + to.String()
	p.row(side, append([]span{blank()}, words(console.Conn, text)...)...)
}

// note prints a remark.
func (p *page) note(side conn.Role, text string) {
	p.row(side, append([]span{blank()}, words(console.Faint, text)...)...)
}

// arrow prints a call that passes something to the network, which then is on its way to the other column.
func (p *page) arrow(from conn.Role, call, carried string) {
	call = "▸ " + call
	if from == conn.Client {
		dashes := strings.Repeat("─", leftWidth-utf8.RuneCountInString(call)-1)
		p.both([]span{{console.Strong, call}, {console.Network, " " + dashes}},
			[]span{{console.Network, "──▶ " + carried}}, "─┼")
		return
	}
	dashes := strings.Repeat("─", rightWidth-utf8.RuneCountInString(call)-1)
	carried += " ◀─"
	blank := strings.Repeat(" ", leftWidth-utf8.RuneCountInString(carried))
	p.both([]span{{console.Plain, blank}, {console.Network, carried}},
		[]span{{console.Network, dashes + " "}, {console.Strong, call}}, "─┼─")
}
