package facade

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"

	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/script"
)

// Serve is the driver.
func Serve(in io.Reader, out io.Writer, version string) error {
	about := lines.About{Driver: "httpclient", Version: version, Sides: []string{lines.Client}}
	return lines.Serve(in, out, about, client)
}

var errDialled = errors.New("there is one connection only")

// client puts one case before a Conn.
func client(c lines.Case) lines.Result {
	peer := script.New(c.Octets, true)
	// A write that takes long is listened to meanwhile, so this is not always called by the one goroutine.
	var waits, over atomic.Bool
	peer.Starved = func(int) bool {
		if over.Load() {
			return false
		}
		if !c.EOF {
			waits.Store(true)
			peer.Close()
		}
		return c.EOF
	}
	dials := 0
	dial := transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		if dials++; dials > 1 {
			return nil, errDialled
		}
		return peer, nil
	})
	r := lines.Result{Interim: []int{}}
	client, err := httpclient.New("h", httpclient.WithDialer(dial), httpclient.WithInterim(func(h *conn.Head) error {
		r.Interim = append(r.Interim, h.Status)
		return nil
	}))
	if err != nil {
		return lines.Result{Verdict: lines.Crash, Error: err.Error()}
	}
	defer client.Close()
	exchange(client, c, &r)
	switch {
	case waits.Load() && r.Verdict == lines.Reject:
		r.Verdict, r.Rule = lines.Hang, ""
	case r.Verdict == lines.Accept && !*r.Reusable && r.Leftover == nil:
		// Another request tells whether the connection is used again: else there would be another. Nothing is read for it.
		over.Store(true)
		reuses := client.Request(context.Background(), "GET", "/", nil, body.None()) == nil && dials == 1
		r.Reusable = &reuses
	}
	return r
}

// exchange makes the request that the octets answer, and notes what comes of it.
func exchange(client *httpclient.Conn, c lines.Case, r *lines.Result) {
	ctx, method, target := context.Background(), "GET", "/"
	if c.Method != "" {
		method = c.Method
	}
	if method == "CONNECT" {
		target = "h:1"
	}
	var fields headers.Fields
	fields.Add("Connection", "Upgrade")
	fields.Add("Upgrade", "x")
	resp, err := client.Do(ctx, method, target, &fields, body.None())
	if err != nil {
		r.Verdict, r.Rule, r.Error = lines.Reject, rule(err), err.Error()
		return
	}
	status := int(resp.Status())
	r.Status, r.Phrase, r.Version, r.Headers = &status, lines.Of(resp.Reason()), resp.Version().String(), fieldsOf(resp.Fields())
	if resp.Version() == wire.HTTP11 {
		r.Version = "" // which stands for all later minor versions too
	}
	r.Verdict, r.Reusable = lines.Accept, new(bool)
	if resp.Switched() {
		nc, err := resp.Hijack()
		if err != nil {
			r.Verdict, r.Error = lines.Crash, err.Error()
			return
		}
		behind, _ := io.ReadAll(nc)
		r.Leftover = lines.Octets(behind)
		return
	}
	content, err := resp.ReadAll()
	if r.Body = lines.Octets(content); err != nil {
		r.Verdict, r.Rule, r.Error = lines.Reject, rule(err), err.Error()
		return
	}
	r.Trailers = fieldsOf(resp.Trailers())
}

// rule returns the name of the rule that was broken. One that is not told is that nothing came.
func rule(err error) string {
	var syntax *wire.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Rule.Name()
	}
	return ""
}

func fieldsOf(f *headers.Fields) []lines.Field {
	all := []lines.Field{}
	for name, value := range f.All() {
		all = append(all, lines.Field{lines.Text(name), lines.Text(value)})
	}
	return all
}
