package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/cmd/strata/internal/share"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// cutGrace is how long handlers have to end when their connections were closed under them.
const cutGrace = 2 * time.Second

// serving is what the flags of "strata serve" ask for.
type serving struct {
	bind, cert, key, log string
	port                 int
	tls, upload, cors    bool
	http10               bool
	limit                sizeFlag
	fields               fieldFlag
}

const serveHelp = `Serve the files of a directory, by default the current one, to this machine. One line
on standard output says where; with --port 0 a free port is picked.

Files go out with their type, Last-Modified and an ETag, and in ranges where a client
asks for them. index.html or index.htm stands for its directory, and a listing where
there is neither. Nothing outside the directory is served: not by "..", not by an
encoding of it, not by a link.

With --upload, PUT stores its content as the file that the path names, POST does so
too, and a form's files (curl -F, multipart/form-data) go into the directory that the
path names. A file appears when all of it has come, and directories are not made.
Unless --cors is given, a page of another origin cannot send one.

  strata serve                              http://127.0.0.1:8000/
  strata serve --bind 0.0.0.0 site          every IPv4 address of this machine
  strata serve --tls                        https, with a certificate made for now
  strata serve --upload --upload-limit 10M  then: curl -T file http://127.0.0.1:8000/

Ctrl-C ends it when what is under way is done; a second one at once.`

func newServe(env *environment) *cobra.Command {
	s := &serving{limit: sizeFlag(1 << 30)}
	cmd := &cobra.Command{
		Use:                   "serve [FLAGS] [DIR]",
		DisableFlagsInUseLine: true,
		Short:                 "Serve the files of a directory",
		Long:                  serveHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef(cmd, "serve takes one directory, but there is %q too", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.check(cmd); err != nil {
				return err
			}
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return s.run(cmd.Context(), env, dir)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&s.bind, "bind", "b", "127.0.0.1", "listen on this `ADDRESS`; 0.0.0.0 is every IPv4 one of this machine, :: every one")
	f.IntVarP(&s.port, "port", "p", 8000, "listen on this `PORT`; 0 picks a free one")
	f.BoolVar(&s.tls, "tls", false, "speak TLS, with a self-signed certificate unless --cert gives one")
	f.StringVar(&s.cert, "cert", "", "speak TLS with the certificate in this PEM `FILE`, those above it behind it")
	f.StringVar(&s.key, "key", "", "the certificate's private key, in this PEM `FILE`; by default it is in that of --cert")
	f.BoolVar(&s.upload, "upload", false, "store what PUT and POST send")
	f.Var(&s.limit, "upload-limit", "take at most this much content in one upload: 500K, 10M, 2G, or none for no limit")
	f.BoolVar(&s.cors, "cors", false, "let the pages of every origin read, and send with --upload")
	f.VarP(&s.fields, "header", "H", "send a field with each response, or with no value leave it out; can be given more than once")
	f.StringVar(&s.log, "log", "common", "the access log on standard error: `FORMAT` common, combined, or none")
	f.BoolVar(&s.http10, "http1.0", false, "answer in HTTP/1.0, without chunks, and keep no connection unasked")
	return cmd
}

// check looks at what the flags do not look at themselves.
func (s *serving) check(cmd *cobra.Command) error {
	switch {
	case s.port < 0 || s.port > 65535:
		return usagef(cmd, "--port: there is no port %d", s.port)
	case s.log != "common" && s.log != "combined" && s.log != "none":
		return usagef(cmd, "--log: there is no %q; it is common, combined or none", s.log)
	case s.key != "" && s.cert == "":
		return usagef(cmd, "--key is of no use without --cert")
	case cmd.Flags().Changed("upload-limit") && !s.upload:
		return usagef(cmd, "--upload-limit is of no use without --upload")
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Connection", "Content-Range", "Trailer", "Upgrade"} {
		if s.fields.fields.Has(name) || s.fields.removes(name) {
			return usagef(cmd, "-H: %s is for the server to say, response by response", name)
		}
	}
	return nil
}

// run serves dir until ctx ends, and then until what is under way is done.
func (s *serving) run(ctx context.Context, env *environment, dir string) error {
	files, err := httpserver.NewSimpleHTTPRequestHandler(dir)
	if err != nil {
		return fileError(err)
	}
	defer files.Root.Close()
	server, err := s.server(env, files)
	if err != nil {
		return err
	}
	l, err := s.listen()
	if err != nil {
		return err
	}
	scheme := "http"
	if server.TLSConfig != nil {
		scheme = "https"
	}
	if scheme == "https" && s.cert == "" {
		fmt.Fprintln(env.stderr, "The certificate is self-signed; its SHA-256 fingerprint is", fingerprint(server.TLSConfig.Certificates[0]))
	}
	if _, err := fmt.Fprintf(env.stdout, "Serving %s on %s://%s/\n", console.Printable(dir), scheme, l.Addr()); err != nil {
		l.Close()
		return outputError(err)
	}
	return serveUntil(ctx, server, l)
}

// server returns the server that the flags ask for.
func (s *serving) server(env *environment, files *httpserver.SimpleHTTPRequestHandler) (*httpserver.Server, error) {
	o := share.Options{Upload: s.upload, UploadLimit: int64(s.limit), CORS: s.cors, Fields: &s.fields.fields, Removed: s.fields.removed}
	server := &httpserver.Server{NoDate: s.fields.removes("Date")}
	if s.log != "none" {
		server.AccessLog = slog.New(httpserver.LogHandler(env.stderr))
		o.Errors = env.stderr
	}
	if s.log == "combined" {
		server.LogFormat = httpserver.CombinedLog
	}
	if s.http10 {
		server.Protocol = wire.HTTP10
	}
	server.Handler = share.New(files, o)
	var err error
	server.TLSConfig, err = s.tlsConfig()
	return server, err
}

// listen binds the address.
func (s *serving) listen() (net.Listener, error) {
	host := strings.Trim(s.bind, "[]")
	address, network := net.JoinHostPort(host, strconv.Itoa(s.port)), "tcp"
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		network = "tcp4" // where package net takes 0.0.0.0 for :: too
	}
	l, err := net.Listen(network, address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		err = fmt.Errorf("%s is taken: something else listens there; --port chooses another, and --port 0 a free one", address)
	case errors.Is(err, os.ErrPermission):
		err = fmt.Errorf("%s is not for this user to listen on; --port chooses another: %w", address, err)
	case err != nil:
		err = fmt.Errorf("cannot listen on %s: %w", address, err)
	default:
		return l, nil
	}
	return nil, &exitError{code: exitConnection, err: err}
}

// serveUntil serves until ctx ends, and then lets what is under way end, until a signal says otherwise.
func serveUntil(ctx context.Context, server *httpserver.Server, l net.Listener) error {
	served := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			served <- server.ServeTLS(l, "", "")
		} else {
			served <- server.Serve(l)
		}
	}()
	select {
	case err := <-served:
		return &exitError{code: exitConnection, err: fmt.Errorf("accepting connections failed: %w", err)}
	case <-ctx.Done():
	}
	second, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cut := server.Shutdown(second)
	if cut != nil {
		// What handlers hold, such as files half written, is theirs to clean up, for as long as it takes to notice
		// that their connections are closed.
		server.Close()
		grace, cancel := context.WithTimeout(context.Background(), cutGrace)
		defer cancel()
		server.Shutdown(grace)
	}
	<-served
	if cut != nil {
		return context.Cause(ctx)
	}
	return nil
}

// tlsConfig returns how TLS is spoken, or nil where it is not.
func (s *serving) tlsConfig() (*tls.Config, error) {
	switch {
	case s.cert != "":
		key := s.key
		if key == "" {
			key = s.cert
		}
		pair, err := tls.LoadX509KeyPair(s.cert, key)
		if err != nil {
			return nil, fileError(err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
	case s.tls:
		pair, err := selfSigned(s.bind)
		if err != nil {
			return nil, fmt.Errorf("no certificate can be made: %w", err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
	}
	return nil, nil
}
