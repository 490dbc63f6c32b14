package peers

import (
	"net"
	"time"
)

// Option changes how a peer is set up.
type Option func(*settings)

// settings is what the templates of the configurations are filled with.
type settings struct {
	// Of the caller.
	KeepaliveRequests int
	KeepaliveTimeout  time.Duration
	Protocol          string
	Name, Password    string // that a client has to give
	Digest            bool   // how it has to give them

	// Of the harness.
	HTTPAddr, HTTPSAddr string
	Socket              string
	LogFile, AccessLog  string // of what it writes, and of requests; one file by default
	Dir                 string // this peer's own, for whatever it writes
	Root, UploadDir     string
	CertFile, KeyFile   string
	RunsAsRoot          bool
	User, Group         string   // for a server that must leave root
	Modules             []string // of Apache
	Realm               string
	Token               string // what Basic makes of Name and Password
	PasswordFile        string
	Helper              string // the program that reads it
	Behind              string // host:port of what the server is in front of
	Forward             bool   // that is a proxy
}

// HTTPHost and HTTPPort are HTTPAddr for configurations that have them apart.
func (s settings) HTTPHost() string { host, _, _ := net.SplitHostPort(s.HTTPAddr); return host }
func (s settings) HTTPPort() string { _, port, _ := net.SplitHostPort(s.HTTPAddr); return port }

func newSettings(options []Option) settings {
	s := settings{
		KeepaliveRequests: 100_000,
		KeepaliveTimeout:  75 * time.Second,
		Protocol:          "HTTP/1.1",
		Realm:             Realm,
	}
	for _, o := range options {
		o(&s)
	}
	return s
}

// FurtherRequests is how many may follow the first on a connection, which is
// what Apache counts.
func (s settings) FurtherRequests() int { return s.KeepaliveRequests - 1 }

// KeepaliveRequests has the peer close a connection after n requests, n at
// least 1; the default is 100,000. nginx and Apache announce it with
// "Connection: close" in the last response, Python does not.
func KeepaliveRequests(n int) Option { return func(s *settings) { s.KeepaliveRequests = n } }

// KeepaliveTimeout has the peer close a connection that was idle for d after a
// response, at least 1 ms; the default is 75 s. It is never announced by
// "Connection: close".
func KeepaliveTimeout(d time.Duration) Option {
	return func(s *settings) { s.KeepaliveTimeout = d }
}

// Protocol sets the version that Python answers with: "HTTP/1.1", the default
// here, or "HTTP/1.0", the default of http.server. Other peers ignore it.
func Protocol(version string) Option { return func(s *settings) { s.Protocol = version } }
