package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// hopByHop has the fields that are for one connection, whether Connection names them or not (RFC 9110 sections 7.6.1,
// 11.7.1 and 11.7.2), in lower case.
var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "proxy-connection": true, "te": true, "transfer-encoding": true,
	"upgrade": true, "proxy-authorization": true, "proxy-authenticate": true, "proxy-authentication-info": true,
}

// field is a field that gets another value, or with none is taken off.
type field struct{ name, value string }

// endToEnd returns those of fields that go on, in their order and case, and where a replaced field stood first what
// takes its place. A replacement without a place goes to the front.
func endToEnd(fields *headers.Fields, replaced ...field) *headers.Fields {
	out := new(headers.Fields)
	for _, r := range replaced {
		if r.value != "" && !fields.Has(r.name) {
			out.Add(r.name, r.value)
		}
	}
next:
	for name, value := range fields.All() {
		for _, r := range replaced {
			if wire.EqualFold(name, r.name) {
				if r.value != "" && !out.Has(r.name) {
					out.Add(string(name), r.value)
				}
				continue next
			}
		}
		if !hopByHop[strings.ToLower(string(name))] && !fields.HasElement("Connection", string(name)) {
			out.AddBytes(name, value)
		}
	}
	return out
}

// via is the value by which the proxy names itself, behind the version that it was sent (RFC 9110 section 7.6.3).
func (p *forwarder) via(v wire.Version) string {
	return fmt.Sprintf("%d.%d %s", v.Major(), v.Minor(), p.name)
}

// requestFields returns the header section to send to the origin. Host is the target's, whatever the client has said
// (RFC 9112 section 3.2.2), and the framing what the client's was found to be, not what its fields say.
func (p *forwarder) requestFields(h *conn.Head) *headers.Fields {
	host, length, coding := field{"Host", string(h.Host)}, field{name: "Content-Length"}, field{name: "Transfer-Encoding"}
	if h.Framing.Mode == body.Chunked {
		coding.value = "chunked"
	} else if h.Control.ContentLength >= 0 {
		length.value = strconv.FormatInt(h.Control.ContentLength, 10)
	}
	out := endToEnd(&h.Fields, host, length, coding)
	if left, counted := maxForwards(h); counted {
		out.Set("Max-Forwards", strconv.Itoa(left-1))
	}
	out.Add("Via", p.via(h.Version))
	out.Add("Connection", "close") // it carries one request (RFC 9112 section 9.3)
	return out
}

// maxForwards returns how often a request may still be forwarded, where it says so (RFC 9110 section 7.6.2).
func maxForwards(h *conn.Head) (left int, counted bool) {
	if m := string(h.Method); m != "OPTIONS" && m != "TRACE" {
		return 0, false
	}
	left, err := strconv.Atoi(h.Fields.GetString("Max-Forwards"))
	return left, err == nil && left >= 0
}

// responseFields returns the header section to send to the client, and whether the content is chunked. To an old client,
// of HTTP/1.0, which knows no chunks, content of unknown length ends where the connection does.
func (p *forwarder) responseFields(h *conn.Head, old, closing bool) (out *headers.Fields, chunked bool, err error) {
	length, coding := field{name: "Content-Length"}, field{name: "Transfer-Encoding"}
	switch mode := h.Framing.Mode; {
	case h.Framing.LastUse, h.Status == 101:
		// Another recipient may see its end elsewhere (RFC 9112 sections 6.1 and 6.3), or it answers what was not asked.
		return nil, false, errors.New("the response's framing is unclear")
	case mode == body.Chunked, mode == body.CloseDelimited:
		if chunked = !old; chunked {
			coding.value = "chunked"
		}
	case h.Control.ContentLength >= 0 && h.Status >= 200 && h.Status != 204:
		length.value = strconv.FormatInt(h.Control.ContentLength, 10)
	}
	out = endToEnd(&h.Fields, length, coding)
	if old {
		out.Del("Trailer") // it is not sent
	}
	out.Add("Via", p.via(h.Version))
	if h.Status >= 200 && !out.Has("Date") {
		out.Add("Date", httpserver.DateString(time.Now())) // RFC 9110 section 6.6.1
	}
	if closing {
		out.Add("Connection", "close")
	}
	return out, chunked, nil
}

// originTarget returns the request-target for the origin, in origin-form or asterisk-form (RFC 9112 sections 3.2.1 and
// 3.2.4), of a request that can be forwarded: one in absolute-form, of the scheme http, that was not here before.
func (p *forwarder) originTarget(h *conn.Head) (string, status.Code, error) {
	target := string(h.Target)
	if scheme, _, _ := strings.Cut(target, ":"); h.Form != wire.AbsoluteForm || !strings.EqualFold(scheme, "http") {
		return "", status.BadRequest, fmt.Errorf("%.99q is not http://…, which is what a proxy is asked for", target)
	}
	if left, counted := maxForwards(h); counted && left == 0 {
		code := status.OK // to OPTIONS; TRACE would show what is secret in the request
		if string(h.Method) == "TRACE" {
			code = status.NotImplemented
		}
		return "", code, errors.New("the request is not to be forwarded, and has come to a proxy")
	}
	for value := range h.Fields.Values("Via") {
		for element := range headers.Elements(value) {
			if words := strings.Fields(string(element)); len(words) > 1 && words[1] == p.name {
				return "", status.LoopDetected, errors.New("the request was here before")
			}
		}
	}
	parts, err := wire.ParseTarget(h.Method, h.Target)
	path := target[parts.AuthorityEnd:]
	if path == "" && string(h.Method) == "OPTIONS" {
		path = "*"
	} else if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path, status.BadRequest, err
}
