package peers

import (
	"fmt"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"testing"
)

// apacheModules is where Debian's package puts them.
const apacheModules = "/usr/lib/apache2/modules"

// Apache starts Apache's httpd with the event MPM and the modules of Debian's
// packages. Started by root it serves as www-data.
func Apache(t testing.TB, options ...Option) *Peer {
	t.Helper()
	bin := findBinary(t, "apache2", "apache2")
	if _, err := os.Stat(filepath.Join(apacheModules, "mod_ssl.so")); err != nil {
		missing(t, "apache2", fmt.Sprintf("no modules of Apache: %v", err))
	}
	return launch(t, newSettings(options), apachePlan(bin))
}

func apachePlan(bin string) plan {
	return plan{
		name: "apache",
		features: TLS | KeepAlive | Ranges | ETag | Redirect | PackedFile | Zipped | Chunked |
			UntilClose | EchoLength | EchoDigest | EchoFields | Mirror | Upload,
		prepare: func(s *settings) ([]string, error) {
			if err := prepareApache(s); err != nil {
				return nil, err
			}
			config, err := render("apache.conf.tmpl", s)
			if err != nil {
				return nil, err
			}
			return []string{bin, "-d", s.Dir, "-f", config, "-DFOREGROUND"}, nil
		},
		ready: probe,
	}
}

// prepareApache lays out the server root, and names the modules in the order
// in which they are loaded.
func prepareApache(s *settings) error {
	s.AccessLog = filepath.Join(s.Dir, "access.log")
	s.Modules = []string{
		"mpm_event", "unixd", "authz_core", "log_config", "dir", "mime", "alias", "rewrite",
		"env", "setenvif", "filter", "include", "deflate", "cgi", "dav", "dav_fs", "ssl",
	}
	if s.RunsAsRoot {
		if err := unprivileged(s); err != nil {
			return err
		}
	}
	link := filepath.Join(s.Dir, "modules")
	if err := os.Symlink(apacheModules, link); err != nil && !os.IsExist(err) {
		return err
	}
	for _, dir := range []string{"cgi", "include"} {
		if err := makeDir(filepath.Join(s.Dir, dir), 0o755); err != nil {
			return err
		}
	}
	if err := makeDir(filepath.Join(s.Dir, "dav"), 0o777); err != nil {
		return err
	}
	// No line end behind it: the page has nothing but the included file.
	page := []byte(`<!--#include virtual="$PATH_INFO" -->`)
	if err := place(filepath.Join(s.Dir, "include", "whole.shtml"), page, 0o644); err != nil {
		return err
	}
	scripts, err := assets.ReadDir("cgi")
	if err != nil {
		return err
	}
	for _, script := range scripts {
		name := path.Join("cgi", script.Name())
		data, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		if err := place(filepath.Join(s.Dir, name), data, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// unprivileged chooses the user that Apache serves as, since it refuses root.
func unprivileged(s *settings) error {
	for _, name := range []string{"www-data", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		g, err := user.LookupGroupId(u.Gid)
		if err != nil {
			return err
		}
		s.User, s.Group = u.Username, g.Name
		return nil
	}
	return fmt.Errorf("no user www-data or nobody for Apache to serve as")
}

// place writes a file with exactly this mode, whatever the umask.
func place(path string, data []byte, mode os.FileMode) error {
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
