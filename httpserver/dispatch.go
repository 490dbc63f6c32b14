package httpserver

import (
	"html"
	"io"
	"os"
	"strings"
)

// Dispatch is a [Handler] that calls a method of Do by the method of the request, in the manner of the
// class BaseHTTPRequestHandler of Python's http.server. A type takes part by having, for each method of HTTP
// that it serves, one of
//
//	DoGET(h *httpserver.BaseHTTPRequestHandler)
//	DoHEAD(h *httpserver.BaseHTTPRequestHandler)
//	DoPOST, DoPUT, DoDELETE, DoPATCH, DoOPTIONS, DoTRACE, DoCONNECT, which are alike
//
// and for all others, if it likes, DoOther, which reports whether it has answered:
//
//	DoOther(method string, h *httpserver.BaseHTTPRequestHandler) bool
//
// A method with another signature is not found; the compiler looks at it for
//
//	var _ interface{ DoGET(*httpserver.BaseHTTPRequestHandler) } = MyHandler{}
//
// What is left is answered by 501 (Not Implemented), as in Python; that holds for HEAD beside DoGET too.
//
// Further methods of Do take the place of what a BaseHTTPRequestHandler does by itself:
//
//	HandleExpect100(h *httpserver.BaseHTTPRequestHandler) bool
//
// is asked before a request that waits for 100 (Continue) is dispatched; after false it is not, and the
// response is what HandleExpect100 has sent.
//
//	OnEndHeaders(h *httpserver.BaseHTTPRequestHandler)
//
// is called by each EndHeaders of a final response, and may add fields to it: what a subclass in Python does
// by an end_headers of its own.
//
//	LogRequest(h *httpserver.BaseHTTPRequestHandler, code int)
//	LogError(h *httpserver.BaseHTTPRequestHandler, message string)
//	LogMessage(h *httpserver.BaseHTTPRequestHandler, message string)
//
// take what is logged: the request of each response, that an error was sent, and whatever neither of the
// first two has taken. Nothing in a message can act on a terminal or end a line.
//
// One value of Do serves many requests at once.
type Dispatch struct {
	// Do has the methods.
	Do any
	// ServerVersion is the name of the software in the Server field; "" is the Name of the Server, or else
	// "Strata". SysVersion follows it behind a space, unless it is "".
	ServerVersion, SysVersion string
	// ErrorMessageFormat makes the pages of SendError; nil is the page that Python sends.
	ErrorMessageFormat ErrorFormat
	// ErrorContentType is their Content-Type; "" is [DefaultErrorContentType].
	ErrorContentType string
	// Log is what LogMessage writes to; nil is standard error, and io.Discard is nothing. Each message is
	// one Write.
	Log io.Writer
}

// DefaultErrorContentType is the Content-Type of an error page.
const DefaultErrorContentType = "text/html;charset=utf-8"

// ErrorFormat makes an error page of an [ErrorMessage], which data is. A [*html/template.Template] is one,
// and so is an [ErrorFormatFunc].
type ErrorFormat interface {
	Execute(w io.Writer, data any) error
}

// ErrorFormatFunc is a function that is an [ErrorFormat]. What it writes of the message it has to escape.
type ErrorFormatFunc func(w io.Writer, e ErrorMessage) error

// Execute calls f.
func (f ErrorFormatFunc) Execute(w io.Writer, data any) error {
	e, _ := data.(ErrorMessage)
	return f(w, e)
}

// ErrorMessage is what an error page says. Message and Explain may hold what a client has sent.
type ErrorMessage struct {
	Code             int
	Message, Explain string
}

// DefaultErrorMessage is the ErrorFormat in the place of nil: Python's page, with everything escaped.
func DefaultErrorMessage(w io.Writer, e ErrorMessage) error {
	message, explain := html.EscapeString(e.Message), html.EscapeString(strings.TrimSuffix(e.Explain, "."))
	code := itoa(int64(e.Code))
	_, err := io.WriteString(w, `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: `+code+`</p>
        <p>Message: `+message+`.</p>
        <p>Error code explanation: `+code+` - `+explain+`.</p>
    </body>
</html>
`)
	return err
}

// The methods of Do. They are looked up by type assertion and never by name, so that a linker can leave out
// the methods of a program that nothing calls.
type (
	doGET interface {
		DoGET(h *BaseHTTPRequestHandler)
	}
	doHEAD interface {
		DoHEAD(h *BaseHTTPRequestHandler)
	}
	doPOST interface {
		DoPOST(h *BaseHTTPRequestHandler)
	}
	doPUT interface {
		DoPUT(h *BaseHTTPRequestHandler)
	}
	doDELETE interface {
		DoDELETE(h *BaseHTTPRequestHandler)
	}
	doPATCH interface {
		DoPATCH(h *BaseHTTPRequestHandler)
	}
	doOPTIONS interface {
		DoOPTIONS(h *BaseHTTPRequestHandler)
	}
	doTRACE interface {
		DoTRACE(h *BaseHTTPRequestHandler)
	}
	doCONNECT interface {
		DoCONNECT(h *BaseHTTPRequestHandler)
	}
	doOther interface {
		DoOther(method string, h *BaseHTTPRequestHandler) bool
	}
	handleExpect100 interface {
		HandleExpect100(h *BaseHTTPRequestHandler) bool
	}
	onEndHeaders interface {
		OnEndHeaders(h *BaseHTTPRequestHandler)
	}
	logRequest interface {
		LogRequest(h *BaseHTTPRequestHandler, code int)
	}
	logError interface {
		LogError(h *BaseHTTPRequestHandler, message string)
	}
	logMessage interface {
		LogMessage(h *BaseHTTPRequestHandler, message string)
	}
)

// lookUp returns the method of do for a method of HTTP, or nil.
func lookUp(do any, method string) func(*BaseHTTPRequestHandler) {
	switch method {
	case "GET":
		if d, ok := do.(doGET); ok {
			return d.DoGET
		}
	case "HEAD":
		if d, ok := do.(doHEAD); ok {
			return d.DoHEAD
		}
	case "POST":
		if d, ok := do.(doPOST); ok {
			return d.DoPOST
		}
	case "PUT":
		if d, ok := do.(doPUT); ok {
			return d.DoPUT
		}
	case "DELETE":
		if d, ok := do.(doDELETE); ok {
			return d.DoDELETE
		}
	case "PATCH":
		if d, ok := do.(doPATCH); ok {
			return d.DoPATCH
		}
	case "OPTIONS":
		if d, ok := do.(doOPTIONS); ok {
			return d.DoOPTIONS
		}
	case "TRACE":
		if d, ok := do.(doTRACE); ok {
			return d.DoTRACE
		}
	case "CONNECT":
		if d, ok := do.(doCONNECT); ok {
			return d.DoCONNECT
		}
	}
	return nil
}

// dispatched are the methods that have a method of their own, in the order in which Allow names them.
var dispatched = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"}

// Methods returns the methods of HTTP for which Do has a method of its own, as the value of an Allow field
// (RFC 9110 section 10.2.1): "GET, HEAD".
func (d Dispatch) Methods() string {
	var all []string
	for _, m := range dispatched {
		if lookUp(d.Do, m) != nil {
			all = append(all, m)
		}
	}
	return strings.Join(all, ", ")
}

// Handle makes a [BaseHTTPRequestHandler] of a request and calls the method of Do for it.
func (d Dispatch) Handle(w ResponseWriter, r Request) {
	h := newBase(&d, w, r)
	h.dispatchRequest()
	if !h.ended && h.began {
		h.EndHeaders()
	}
	if h.CloseConnection {
		w.CloseAfter()
	}
}

func (h *BaseHTTPRequestHandler) dispatchRequest() {
	do := h.dispatch.Do
	if e, ok := do.(handleExpect100); ok && h.Request.ExpectsContinue() && !e.HandleExpect100(h) {
		return
	}
	if method := lookUp(do, h.Command); method != nil {
		method(h)
		return
	}
	if d, ok := do.(doOther); ok && d.DoOther(h.Command, h) {
		return
	}
	h.SendError(501, "Unsupported method ('"+h.Command+"')")
}

func (d *Dispatch) log() io.Writer {
	if d.Log == nil {
		return os.Stderr
	}
	return d.Log
}
