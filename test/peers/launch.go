package peers

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"
)

//go:embed *.tmpl httpd.py cgi
var assets embed.FS

const (
	attempts     = 5                // with other ports, when one is taken
	startTimeout = 20 * time.Second // for one attempt
	stopTimeout  = 3 * time.Second  // before a server is killed
	pollInterval = 5 * time.Millisecond
	probeName    = "probe" // in the upload folder
	logTail      = 64 << 10
)

// errPortTaken says that the server could not have its port.
var errPortTaken = errors.New("port taken by another process")

// plan is what distinguishes one kind of server from another.
type plan struct {
	name     string
	features Feature
	// prepare writes what the server needs below s.Dir and returns the command
	// that starts it in the foreground. It may complete s.
	prepare func(s *settings) (argv []string, err error)
	// hasty ends the server without waiting for it to do so in order.
	hasty bool
	// ready reports whether the server that was started answers: nil, or what
	// it still lacks.
	ready func(ctx context.Context, p *Peer) error
}

// launch starts a server and returns when it answers.
func launch(t testing.TB, s settings, pl plan) *Peer {
	t.Helper()
	c := common(t)
	dir, err := newDir("strata-peer-")
	if err != nil {
		t.Fatalf("%s: %v", pl.name, err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("%s: %v", pl.name, err)
		}
	})
	s.Root, s.RunsAsRoot = c.root, os.Geteuid() == 0
	s.CertFile, s.KeyFile = c.certs.certFile, c.certs.keyFile
	p := &Peer{
		Name:     pl.name,
		Root:     s.Root,
		RootCAs:  c.certs.pool,
		CAFile:   c.certs.caFile,
		features: pl.features,
	}
	for i := range attempts {
		// A folder for each, since a failed one leaves sockets behind.
		s.Dir = filepath.Join(dir, strconv.Itoa(i))
		err = attempt(t.Context(), s, pl, p)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		t.Fatalf("%s does not start: %v\n%s", pl.name, err, tail(p.Log()))
	}
	t.Cleanup(func() {
		early := !p.proc.running()
		grace := stopTimeout
		if pl.hasty {
			grace = 0
		}
		p.proc.stop(grace)
		if early {
			t.Errorf("%s ended before the test did", pl.name)
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s", pl.name, tail(p.Log()))
		}
	})
	return p
}

// attempt starts the server in s.Dir on two new ports and completes p. What it
// started is gone when it fails.
func attempt(ctx context.Context, s settings, pl plan, p *Peer) error {
	s.UploadDir = filepath.Join(s.Dir, "upload")
	if err := makeDir(s.Dir, 0o755); err != nil {
		return err
	}
	// Open to all: Apache writes there under a user of its own.
	if err := makeDir(s.UploadDir, 0o777); err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	s.HTTPAddr, s.HTTPSAddr = ports[0], ports[1]
	s.Socket = filepath.Join(s.Dir, "peer.sock")
	s.LogFile = filepath.Join(s.Dir, "peer.log")
	s.AccessLog = s.LogFile
	p.HTTPAddr, p.UploadDir = s.HTTPAddr, s.UploadDir
	p.LogFile = s.LogFile
	if p.Has(TLS) {
		p.HTTPSAddr = s.HTTPSAddr
	}
	if p.Has(Unix) {
		p.Socket = s.Socket
	}
	argv, err := pl.prepare(&s)
	if err != nil {
		return err
	}
	p.access = s.AccessLog
	if p.proc, err = start(argv, p.LogFile); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err = await(ctx, pl, p); err != nil {
		p.proc.stop(0)
	}
	return err
}

// await returns when the server is ready, has lost its port, is gone, or out
// of time.
func await(ctx context.Context, pl plan, p *Peer) error {
	ctx, cancel := context.WithCancel(ctx)
	ready := make(chan error, 1)
	go func() { ready <- untilReady(ctx, pl, p) }()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case err := <-ready:
			cancel()
			return err
		case <-p.proc.exited:
			cancel()
			<-ready
			if portTaken(p) {
				return errPortTaken
			}
			return errors.New("it exited")
		case <-tick.C:
			// nginx goes on trying for seconds, so its end is not waited for;
			// nor the answer of whoever has the port, who may give none.
			if portTaken(p) {
				cancel()
				<-ready
				return errPortTaken
			}
		}
	}
}

// portTaken reports whether the server has said that it could not have its port: tinyproxy does not say why.
func portTaken(p *Peer) bool {
	log := p.Log()
	return strings.Contains(log, "Address already in use") || strings.Contains(log, "Could not create listening sockets")
}

// untilReady asks until the server is ready. It fails only with ctx.
func untilReady(ctx context.Context, pl plan, p *Peer) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		err := pl.ready(ctx, p)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", err)
		}
	}
}

var (
	portsMu   sync.Mutex
	portsUsed = make(map[string]bool)
)

// freePorts returns n loopback addresses that nobody listened on a moment ago
// and that were not returned before, so that two servers that start at once do
// not meet.
func freePorts(n int) ([]string, error) {
	portsMu.Lock()
	defer portsMu.Unlock()
	var found []string
	for len(found) < n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// Held until all are found: a closed port may come up again at once.
		defer l.Close()
		if addr := l.Addr().String(); !portsUsed[addr] {
			portsUsed[addr] = true
			found = append(found, addr)
		}
	}
	return found, nil
}

// probe asks the server on each port for a file that only this peer has: what
// answers may be another process that took the port first.
func probe(ctx context.Context, p *Peer) error {
	secret, err := os.ReadFile(filepath.Join(p.UploadDir, probeName))
	if errors.Is(err, os.ErrNotExist) {
		secret = []byte(rand.Text())
		err = place(filepath.Join(p.UploadDir, probeName), secret, 0o644)
	}
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: p.RootCAs},
	}}
	for _, url := range p.URLs(PathUpload + probeName) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(io.LimitReader(resp.Body, int64(len(secret))+1))
		resp.Body.Close()
		if err != nil {
			return err
		}
		if string(got) != string(secret) {
			return fmt.Errorf("%s: %s, not what this peer serves", url, resp.Status)
		}
	}
	return nil
}

// render writes the file of a template to s.Dir and returns its path.
func render(name string, s *settings) (string, error) {
	tmpl, err := template.ParseFS(assets, name)
	if err != nil {
		return "", err
	}
	path := filepath.Join(s.Dir, strings.TrimSuffix(name, ".tmpl"))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	err = tmpl.Execute(f, s)
	if e := f.Close(); err == nil {
		err = e
	}
	return path, err
}

// tail returns the end of a log that may be long.
func tail(log string) string {
	if len(log) > logTail {
		return "...\n" + log[len(log)-logTail:]
	}
	return log
}
