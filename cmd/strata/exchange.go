package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/cmd/strata/internal/outfile"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
)

// exchange is one request and its response.
type exchange struct {
	*request
	env   *environment
	usage func(error) error

	way     *way
	client  *httpclient.Conn
	content content
	sent    *headers.Fields
	out     output
	log     *log // nil without -v
}

// run makes the exchange. Everything on this machine that can fail is tried before anything is dialled.
func (x *exchange) run(ctx context.Context) (err error) {
	if x.verbose {
		x.log = newLog(x.env.stderr, console.NewPalette(x.env.colour.Colour(x.env.stderr)), x.url, !x.insecure)
		defer x.log.end()
		ctx = x.log.watch(ctx)
	}
	if err := x.prepare(); err != nil {
		return err
	}
	defer x.content.Close()
	defer x.client.Close()
	if err := x.openOutput(); err != nil {
		return err
	}
	defer x.out.discard()
	if x.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(x.timeout))
		defer cancel()
	}
	resp, err := x.exchange(ctx)
	if err == nil {
		err = x.deliver(resp)
	}
	x.log.failed(err)
	return err
}

// prepare makes the client, the fields and the content.
func (x *exchange) prepare() error {
	if err := x.newClient(); err != nil {
		return err
	}
	x.log.through(x.way)
	x.content = content{}
	if x.data.given {
		var err error
		if x.content, err = openContent(x.data.value, x.env.stdin); err != nil {
			return fileError(err)
		}
	}
	port := 80
	if x.url.Secure {
		port = 443
	}
	host := hostField(x.client.Host(), x.client.Port(), port)
	x.sent = compose(x.method, host, &x.content, &x.fields)
	err := check(x.method, x.url.Target, x.sent, x.content.size)
	if err == nil {
		err = x.checkTunnelled()
	}
	if err != nil {
		x.content.Close()
		return x.usage(fmt.Errorf("such a request cannot be sent: %w", err))
	}
	return nil
}

func (x *exchange) newClient() error {
	options := []httpclient.Option{httpclient.WithObsTarget(), httpclient.WithLenient(x.lenient.lenient)}
	if x.log != nil {
		options = append(options, httpclient.WithTrace(x.log.trace()))
	}
	host := x.url.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	host = fmt.Sprintf("%s:%d", host, x.url.Port)
	way, err := x.dialling.way(x.lenient.lenient)
	if err != nil {
		if exit := (*exitError)(nil); errors.As(err, &exit) {
			return err
		}
		return x.usage(err)
	}
	x.way = way
	options = append(options, httpclient.WithRouteRule(way.rule))
	if !x.url.Secure {
		x.client, err = httpclient.New(host, options...)
	} else {
		config, failed := x.tlsConfig()
		if failed != nil {
			return fileError(failed)
		}
		x.client, err = httpclient.NewTLS(host, append(options, httpclient.WithTLSConfig(config))...)
	}
	if err != nil {
		return x.usage(err)
	}
	return nil
}

func (x *exchange) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12, InsecureSkipVerify: x.insecure}
	if !x.caFile.given {
		return config, nil
	}
	pem, err := os.ReadFile(x.caFile.value)
	if err != nil {
		return nil, err
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--cacert: there is no certificate in %q", x.caFile.value)
	}
	return config, nil
}

// exchange sends the request and waits for the head of the response. A proxy that forwards is answered once when it asks
// for credentials, if the content is still there to be sent again.
func (x *exchange) exchange(ctx context.Context) (httpclient.Response, error) {
	resp, err := x.once(ctx)
	for range 2 {
		if err != nil || !x.mayAnswer(resp) {
			break
		}
		if _, err := io.CopyN(io.Discard, resp, maxRefusal); err != io.EOF {
			resp.Close() // then another connection carries the answer
		}
		resp, err = x.once(ctx)
	}
	return resp, err
}

// once sends the request and waits for the head of the response.
func (x *exchange) once(ctx context.Context) (httpclient.Response, error) {
	if err := x.send(ctx); err != nil {
		return httpclient.Response{}, x.explain(err, sending)
	}
	resp, err := x.client.Response(ctx)
	if err != nil {
		return resp, x.explain(err, awaiting)
	}
	return resp, nil
}

// explain is exchangeError, which knows what the proxy was given.
func (x *exchange) explain(err error, at step) error {
	if failed := proxyError(err, x.way); failed != nil && !isTimeout(err) {
		return failed
	}
	return exchangeError(err, at)
}

// send sends the request.
func (x *exchange) send(ctx context.Context) error {
	if x.sent.Has("Accept-Encoding") {
		return x.client.Request(ctx, x.method, x.url.Target, x.sent, x.content.source)
	}
	// Request would add what was removed.
	if err := x.client.PutRequest(x.method, x.url.Target, httpclient.SkipHost|httpclient.SkipAcceptEncoding); err != nil {
		return err
	}
	for name, value := range x.sent.All() {
		if err := x.client.PutHeader(string(name), string(value)); err != nil {
			return err
		}
	}
	return x.client.EndHeaders(ctx, x.content.source)
}

// deliver writes the response where it belongs.
func (x *exchange) deliver(resp httpclient.Response) error {
	failed := x.fail && resp.Status() >= 400
	if x.include {
		if _, err := x.out.Write(resp.RawHead()); err != nil {
			return outputError(err)
		}
	}
	if refused := x.refusedBy(resp); refused != nil {
		return refused
	}
	if failed {
		status := fmt.Sprintf("%d %s", resp.Status(), console.Visible(resp.Reason()))
		return &exitError{code: exitFail, err: fmt.Errorf("the server answered %s", strings.TrimSpace(status))}
	}
	if _, err := resp.WriteTo(&x.out); err != nil {
		if x.out.err != nil {
			return outputError(x.out.err)
		}
		return exchangeError(err, reading)
	}
	x.log.finished(resp, x.client.Connected())
	return outputError(x.out.commit())
}

// output is where the response goes: standard output or a file. It keeps the error of a failed write, which is to be
// told from a failed read.
type output struct {
	io.Writer
	file *outfile.File
	err  error
}

func (x *exchange) openOutput() error {
	x.out.Writer = x.env.stdout
	if !x.output.given || x.output.value == "-" {
		return nil
	}
	f, err := outfile.Create(x.output.value)
	if err != nil {
		x.content.Close()
		return fileError(err)
	}
	x.out.Writer, x.out.file = f, f
	return nil
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		o.err = err
	}
	return n, err
}

func (o *output) commit() error {
	if o.file == nil {
		return nil
	}
	return o.file.Commit()
}

func (o *output) discard() {
	if o.file != nil {
		o.file.Discard()
	}
}
