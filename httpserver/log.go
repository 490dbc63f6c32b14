package httpserver

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"
)

// LogFormat is the form of the messages of [Server].AccessLog.
type LogFormat uint8

// The formats, which Apache's httpd made common.
const (
	// CommonLog is: client - - [time] "request-line" status octets. The status is 000 where the server has sent
	// none, because the handler panicked, the client went away or the connection was taken over before.
	CommonLog LogFormat = iota
	// CombinedLog adds the Referer and User-Agent fields, quoted.
	CombinedLog
)

// log tells the access log about the exchange that is over. What the client sent is quoted, so that it can
// neither end the line nor reach a terminal as it is.
func (x *exchange) log() {
	logger := x.c.s.AccessLog
	if logger == nil {
		return
	}
	ctx := x.c.ctx
	if !logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	now := time.Now()
	line := x.appendLine(nil, now)
	logger.LogAttrs(ctx, slog.LevelInfo, string(line),
		slog.String("remote", host(x.c.nc.RemoteAddr())),
		slog.String("method", x.method),
		slog.String("target", string(x.target)),
		slog.String("version", x.version.String()),
		slog.Int("status", x.sent()),
		slog.Int64("octets", x.wireOut),
		slog.Duration("duration", now.Sub(x.began)),
	)
}

// logTime is how the log formats write a time.
const logTime = "02/Jan/2006:15:04:05 -0700"

func (x *exchange) appendLine(b []byte, now time.Time) []byte {
	b = append(b, host(x.c.nc.RemoteAddr())...)
	b = append(b, " - - ["...)
	b = now.AppendFormat(b, logTime)
	b = append(b, `] "`...)
	if x.method == "" {
		b = append(b, '-') // there was no request-line that could be read
	} else {
		b = appendQuoted(b, x.method)
		b = append(b, ' ')
		b = appendQuoted(b, string(x.target))
		b = append(b, ' ')
		b = append(b, x.version.String()...)
	}
	b = append(b, `" `...)
	if code := x.sent(); code == 0 {
		b = append(b, "000"...) // what reads such lines expects three digits
	} else {
		b = strconv.AppendInt(b, int64(code), 10)
	}
	b = append(b, ' ')
	if x.wireOut == 0 {
		b = append(b, '-')
	} else {
		b = strconv.AppendInt(b, x.wireOut, 10)
	}
	if x.c.s.LogFormat == CombinedLog {
		for _, name := range [...]string{"Referer", "User-Agent"} {
			b = append(b, ` "`...)
			if value := x.fields.Get(name); len(value) > 0 {
				b = appendQuoted(b, string(value))
			} else {
				b = append(b, '-')
			}
			b = append(b, '"')
		}
	}
	return b
}

// sent returns the status that was sent, 0 for none.
func (x *exchange) sent() int {
	if !x.committed {
		return 0
	}
	return x.code()
}

// appendQuoted appends s with every octet but visible ASCII and SP, and with quotation marks and backslashes,
// as \xhh.
func appendQuoted(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

// host returns the address of a client without its port.
func host(a net.Addr) string {
	if a == nil {
		return "-"
	}
	if h, _, err := net.SplitHostPort(a.String()); err == nil {
		return h
	}
	if a.String() == "" {
		return "-" // a Unix socket's client has no name
	}
	return a.String()
}

// LogHandler returns a slog.Handler that writes the message of each record to w, and a LF, and nothing else:
// with it [Server].AccessLog writes log files that every tool for Apache's or nginx's logs can read.
func LogHandler(w io.Writer) slog.Handler { return &logHandler{w: w} }

type logHandler struct {
	mu sync.Mutex
	w  io.Writer
}

func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *logHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h *logHandler) WithGroup(string) slog.Handler            { return h }

func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, r.Message+"\n")
	return err
}
