package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/internal/parse"
)

// rowOctets is how many octets of content stand in a row.
const rowOctets = 96

// page writes rows: a label, in a column of its own, and text.
type page struct{ text strings.Builder }

func (p *page) row(label, text string) {
	fmt.Fprintf(&p.text, "%s\n", strings.TrimRight(fmt.Sprintf("%-9s %s", label, text), " "))
}

// optional writes a row unless there is nothing to be said.
func (p *page) optional(label string, text *parse.Text) {
	if text != nil {
		p.row(label, console.Visible(*text))
	}
}

func (p *page) fields(label string, fields []parse.Field) {
	for _, f := range fields {
		p.row(label, console.Visible(f[0])+": "+console.Visible(f[1]))
	}
}

// octets writes how many there are, and then all of them, a line of theirs a row.
func (p *page) octets(label string, octets []byte) {
	plural := "s"
	if len(octets) == 1 {
		plural = ""
	}
	p.row(label, strconv.Itoa(len(octets))+" octet"+plural)
	for len(octets) > 0 {
		n := min(len(octets), rowOctets)
		if i := bytes.IndexByte(octets[:n], '\n'); i >= 0 {
			n = i + 1
		}
		p.row("", "| "+console.Visible(octets[:n]))
		octets = octets[n:]
	}
}

// writePage writes a result of parse for a person. Octets that are not printable ASCII are shown as in a Go string.
func writePage(w io.Writer, r *parse.Result) error {
	var p page
	p.row("verdict", string(r.Verdict))
	if r.Error != "" {
		p.row("error", r.Error)
		p.row("rule", r.Rule)
	}
	if r.Offset != nil {
		p.row("offset", strconv.FormatInt(*r.Offset, 10))
	}
	for _, status := range r.Interim {
		p.row("interim", strconv.Itoa(status))
	}
	p.message(&r.Message)
	p.row("messages", strconv.Itoa(r.Messages))
	for _, m := range r.More {
		if m.Status != nil {
			p.row("more", strconv.Itoa(*m.Status))
		} else {
			p.row("more", console.Visible(*m.Method)+" "+console.Visible(*m.Target))
		}
		p.octets("", m.Body)
	}
	if r.MoreError != "" {
		p.row("more", "error: "+r.MoreError)
		p.row("", "rule: "+r.MoreRule)
	}
	p.row("reusable", strconv.FormatBool(r.Reusable))
	if len(r.Leftover) > 0 {
		p.octets("leftover", r.Leftover)
	}
	_, err := io.WriteString(w, p.text.String())
	return err
}

// message writes as much of the first message as was delivered.
func (p *page) message(m *parse.Message) {
	if m.Version == "" {
		return // not even a head
	}
	p.optional("method", m.Method)
	p.optional("target", m.Target)
	p.optional("host", m.Host)
	p.row("version", m.Version)
	if m.Status != nil {
		p.row("status", strconv.Itoa(*m.Status))
	}
	p.optional("reason", m.Reason)
	p.fields("header", m.Headers)
	p.octets("body", m.Body)
	p.fields("trailer", m.Trailers)
}
