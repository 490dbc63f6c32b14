package peers

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// squidHelpers is where Debian's package puts the programs that check passwords.
const squidHelpers = "/usr/lib/squid"

// Squid starts Squid, which caches nothing, as an HTTP proxy with and without TLS. Started by root it serves as proxy,
// the user of Debian's package.
func Squid(t testing.TB, options ...Option) *Proxy {
	t.Helper()
	s := newSettings(options)
	bin, challenge := findBinary(t, "squid", "squid"), "Basic"
	if s.Digest {
		challenge = "Digest"
	}
	pl := squidPlan(t, bin)
	if _, err := os.Stat(squidHelpers); err != nil {
		missing(t, "squid", fmt.Sprintf("no helpers of Squid: %v", err))
	}
	return launchProxy(t, s, pl, challenge, "http", "https")
}

func squidPlan(t testing.TB, bin string) plan {
	return plan{
		name:     "squid",
		features: TLS,
		hasty:    true, // its orderly end takes two seconds
		prepare: func(s *settings) ([]string, error) {
			// Open to the user that it gives up root for.
			if err := makeDir(filepath.Join(s.Dir, "log"), 0o777); err != nil {
				return nil, err
			}
			s.AccessLog = filepath.Join(s.Dir, "log", "access.log")
			s.Helper = filepath.Join(squidHelpers, "basic_ncsa_auth")
			s.PasswordFile = filepath.Join(s.Dir, "passwords")
			// Of the hashes that the helper for Basic knows this is the one without a salt; that for Digest has its own
			// form (RFC 7616 section 3.4.2).
			line := s.Name + ":" + md5Hex(s.Password)
			if s.Digest {
				s.Helper = filepath.Join(squidHelpers, "digest_file_auth")
				line = s.Name + ":" + Realm + ":" + md5Hex(s.Name+":"+Realm+":"+s.Password)
			}
			if err := place(s.PasswordFile, []byte(line+"\n"), 0o644); err != nil {
				return nil, err
			}
			config, err := render("squid.conf.tmpl", s)
			if err != nil {
				return nil, err
			}
			return []string{bin, "-N", "-d", "1", "-n", ownMemory(t), "-f", config}, nil
		},
		ready: bothListen,
	}
}

// ownMemory returns a service name, by which Squid names the shared memory that it makes: of its own, so that no two
// meet. It is removed when the test ends and Squid, which was not let do that, has.
func ownMemory(t testing.TB) string {
	service := "strata" + rand.Text()
	t.Cleanup(func() {
		left, _ := filepath.Glob("/dev/shm/" + service + "-*")
		for _, name := range left {
			if err := os.Remove(name); err != nil {
				t.Errorf("squid: %v", err)
			}
		}
	})
	return service
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Tinyproxy starts tinyproxy, an HTTP proxy.
func Tinyproxy(t testing.TB, options ...Option) *Proxy {
	t.Helper()
	return launchProxy(t, newSettings(options), tinyproxyPlan(findBinary(t, "tinyproxy", "tinyproxy")), "Basic", "http")
}

func tinyproxyPlan(bin string) plan {
	return plan{
		name: "tinyproxy",
		prepare: func(s *settings) ([]string, error) {
			config, err := render("tinyproxy.conf.tmpl", s)
			if err != nil {
				return nil, err
			}
			return []string{bin, "-d", "-c", config}, nil
		},
		ready: firstListens,
	}
}

// Microsocks starts microsocks, a SOCKS 5 proxy.
func Microsocks(t testing.TB, options ...Option) *Proxy {
	t.Helper()
	pl := microsocksPlan(findBinary(t, "microsocks", "microsocks"))
	return launchProxy(t, newSettings(options), pl, "SOCKS", "socks5", "socks5h")
}

func microsocksPlan(bin string) plan {
	return plan{
		name: "microsocks",
		prepare: func(s *settings) ([]string, error) {
			argv := []string{bin, "-i", s.HTTPHost(), "-p", s.HTTPPort()}
			if s.Name != "" {
				argv = append(argv, "-u", s.Name, "-P", s.Password)
			}
			return argv, nil
		},
		ready: firstListens,
	}
}

// HAProxyFront starts HAProxy in front of an HTTP proxy, with and without TLS. With [Login] it reads what passes, and
// asks for the password itself; without, it passes octets, and the password is that of the proxy behind.
func HAProxyFront(t testing.TB, behind *Proxy, options ...Option) *Proxy {
	t.Helper()
	s := newSettings(options)
	s.Behind, s.Forward = behind.behind(), true
	p := launchProxy(t, s, haproxyPlan(findBinary(t, "haproxy", "haproxy")), "Basic", "http", "https")
	if s.Name == "" {
		p.User, p.Password, p.Challenge = behind.User, behind.Password, behind.Challenge
	}
	return p
}

// HAProxy starts HAProxy in front of an origin, which it asks for everything. What it returns has the origin's name, and
// does what the origin does, but that names of fields are in lower case. With [Login] it asks for a password, by 401.
func HAProxy(t testing.TB, origin *Peer, options ...Option) *Peer {
	t.Helper()
	s := newSettings(options)
	s.Behind = origin.HTTPAddr
	pl := haproxyPlan(findBinary(t, "haproxy", "haproxy"))
	pl.features = origin.features&^(Unix|EchoExact) | TLS | KeepAlive
	p := launch(t, s, pl)
	p.Name, p.UploadDir = origin.Name, origin.UploadDir
	return p
}

func haproxyPlan(bin string) plan {
	return plan{
		name:     "haproxy",
		features: TLS,
		prepare: func(s *settings) ([]string, error) {
			s.Token = base64.StdEncoding.EncodeToString([]byte(s.Name + ":" + s.Password))
			if err := bundle(s); err != nil {
				return nil, err
			}
			config, err := render("haproxy.cfg.tmpl", s)
			if err != nil {
				return nil, err
			}
			return []string{bin, "-db", "-f", config}, nil
		},
		ready: bothListen,
	}
}

// Stunnel starts stunnel, which speaks TLS, in front of an HTTP proxy.
func Stunnel(t testing.TB, behind *Proxy, options ...Option) *Proxy {
	t.Helper()
	s := newSettings(options)
	s.Behind = behind.behind()
	p := launchProxy(t, s, stunnelPlan(findBinary(t, "stunnel4", "stunnel4", "stunnel")), "", "https")
	p.User, p.Password, p.Challenge = behind.User, behind.Password, behind.Challenge
	return p
}

func stunnelPlan(bin string) plan {
	return plan{
		name:     "stunnel",
		features: TLS,
		prepare: func(s *settings) ([]string, error) {
			if err := bundle(s); err != nil {
				return nil, err
			}
			config, err := render("stunnel.conf.tmpl", s)
			if err != nil {
				return nil, err
			}
			return []string{bin, config}, nil
		},
		ready: secondListens,
	}
}

// bundle writes certificate and key as one file, for servers that want them so.
func bundle(s *settings) error {
	var both []byte
	for _, name := range []string{s.CertFile, s.KeyFile} {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		both = append(both, data...)
	}
	return place(filepath.Join(s.Dir, "bundle.pem"), both, 0o600)
}

// listening returns a ready that waits until the server's own process listens on addresses: what else could answer
// there may be another process that took the port first.
func listening(addresses func(p *Peer) []string) func(context.Context, *Peer) error {
	return func(_ context.Context, p *Peer) error {
		for _, addr := range addresses(p) {
			if ok, err := listens(p.proc.cmd.Process.Pid, addr); err != nil || !ok {
				return fmt.Errorf("%w: %v", unheard(addr), err)
			}
		}
		return nil
	}
}
