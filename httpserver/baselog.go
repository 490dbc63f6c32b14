package httpserver

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// LogRequest logs the request with the status of its response, as SendResponse does:
//
//	127.0.0.1 - - [10/Oct/2000 13:55:36] "GET / HTTP/1.1" 200 -
//
// size is how many octets of content the response has, "-" where it is not given. [Server].AccessLog knows
// it, since it is told when the exchange is over.
func (h *BaseHTTPRequestHandler) LogRequest(code int, size ...int64) {
	if d, ok := h.dispatch.Do.(logRequest); ok {
		d.LogRequest(h, code)
		return
	}
	octets := "-"
	if len(size) > 0 {
		octets = itoa(size[0])
	}
	h.LogMessage(`"%s" %d %s`, h.RequestLine, code, octets)
}

// LogError logs what went wrong, as SendError does.
func (h *BaseHTTPRequestHandler) LogError(format string, args ...any) {
	if d, ok := h.dispatch.Do.(logError); ok {
		d.LogError(h, visible(fmt.Sprintf(format, args...)))
		return
	}
	h.LogMessage(format, args...)
}

// LogMessage writes one line, with the client's address and the time before what fmt.Sprintf makes of its
// arguments, to the Log of [Dispatch], or hands that to the LogMessage of Do. Control characters, backslashes
// and what is no UTF-8 stand in it as \xhh, so that nothing which a client sends can act on a terminal or make
// a line of its own.
func (h *BaseHTTPRequestHandler) LogMessage(format string, args ...any) {
	message := visible(fmt.Sprintf(format, args...))
	if d, ok := h.dispatch.Do.(logMessage); ok {
		d.LogMessage(h, message)
		return
	}
	out := h.dispatch.log()
	if out == io.Discard {
		return
	}
	line := h.AddressString() + " - - [" + h.LogDateTimeString() + "] " + message + "\n"
	logMu.Lock()
	defer logMu.Unlock()
	io.WriteString(out, line)
}

// visible returns s with its control characters, C1 included, its backslashes, and what is no UTF-8, escaped.
func visible(s string) string {
	plain := func(r rune) bool { return r >= ' ' && r < 0x7f && r != '\\' || r >= 0xa0 && r != utf8.RuneError }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case plain(r), r == utf8.RuneError && n > 1:
			b.WriteString(s[i : i+n])
		case r == '\\':
			b.WriteString(`\\`)
		default:
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		}
		i += n
	}
	return b.String()
}

// LogDateTimeString returns the time as log messages have it: "10/Oct/2000 13:55:36".
func (h *BaseHTTPRequestHandler) LogDateTimeString() string {
	return time.Now().Format("02/Jan/2006 15:04:05")
}

// AddressString returns the client's address without its port. No name is looked up.
func (h *BaseHTTPRequestHandler) AddressString() string { return host(h.ClientAddress) }
