package demo

import (
	"strings"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/conn"
)

// heading prints what is about to be seen, and who is who.
func (d *demonstration) heading(request *message) {
	d.page.line(span{console.Strong, "One HTTP/1.1 exchange, " + request.method + " " + request.target + ", seen from both ends"})
	d.page.line()
	for l := range layers {
		d.page.line(layer(l).label(), span{console.Plain, layers[l].does})
	}
	if n := d.options.Split; n > 0 {
		d.page.line(blank(), span{console.Plain, "here it hands over " + count(n, "octet") + " a Read at most"})
	}
	d.page.line()
	d.page.both([]span{{console.Strong, "CLIENT"}}, []span{{console.Strong, "SERVER"}}, " │ ")
	d.page.both(d.idle(d.client), d.idle(d.server), " │ ")
	d.page.both([]span{{console.Faint, strings.Repeat("─", leftWidth)}},
		[]span{{console.Faint, strings.Repeat("─", rightWidth)}}, "─┼─")
}

// idle shows where a machine begins.
func (d *demonstration) idle(p *party) []span {
	return []span{{console.Conn, "● client " + p.c.State(conn.Client).String() + ", server " + p.c.State(conn.Server).String()}}
}

// closing prints what there is to see next.
func (d *demonstration) closing() {
	d.page.both([]span{{console.Faint, strings.Repeat("─", leftWidth)}},
		[]span{{console.Faint, strings.Repeat("─", rightWidth)}}, "─┴─")
	if d.client.c.Switched() {
		d.page.line(span{console.Plain, "The connection is a tunnel now, and what follows in it is no HTTP."})
	}
	if d.page.palette.Colours() {
		d.page.line(span{console.Plain, "Bold octets are those that the caller gave."})
	}
	d.page.line(span{console.Plain, "Now change one thing: --method HEAD, --method POST, --chunked, --split 7."})
}
