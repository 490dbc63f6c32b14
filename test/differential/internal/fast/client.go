package fast

import (
	"net"

	"github.com/valyala/fasthttp"

	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/script"
)

// client puts one case before a HostClient.
func client(c lines.Case) lines.Result {
	if c.Method == "CONNECT" {
		return lines.Result{Skip: "a HostClient sends CONNECT to proxies only"}
	}
	conn := script.New(c.Octets, true)
	waits := false
	conn.Starved = func(int) bool {
		if !c.EOF {
			waits = true
			conn.Close()
		}
		return c.EOF
	}
	h := &fasthttp.HostClient{
		Addr:                          "h:80",
		Dial:                          func(string) (net.Conn, error) { return conn, nil },
		MaxIdemponentCallAttempts:     1,
		RetryIfErr:                    func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		DisableHeaderNamesNormalizing: true,
		MaxResponseBodySize:           1 << 20, // without it, a large Content-Length ends the program
	}
	var request fasthttp.Request
	var response fasthttp.Response
	request.SetRequestURI("http://h/")
	response.Header.SetNoDefaultContentType(true)
	if request.Header.SetMethod("GET"); c.Method != "" {
		request.Header.SetMethod(c.Method)
	}
	err := h.Do(&request, &response)
	reusable := !conn.Closed()
	conn.Close()
	switch {
	case waits:
		return lines.Result{Verdict: lines.Hang}
	case err != nil:
		return lines.Result{Verdict: lines.Reject, Reason: words(err.Error())}
	}
	status := response.StatusCode()
	return lines.Result{
		Verdict: lines.Accept, Status: &status, Version: string(response.Header.Protocol()),
		Headers: fieldsOf(response.Header.All()), Body: lines.Octets(response.Body()), Reusable: &reusable,
	}
}
