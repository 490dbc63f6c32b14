package peers

import (
	"path/filepath"
	"testing"
)

// Nginx starts nginx, of which the modules of Debian's package are expected.
func Nginx(t testing.TB, options ...Option) *Peer {
	t.Helper()
	return launch(t, newSettings(options), nginxPlan(findBinary(t, "nginx", "nginx")))
}

func nginxPlan(bin string) plan {
	return plan{
		name: "nginx",
		features: TLS | KeepAlive | Ranges | ETag | Redirect | PackedFile | Zipped | Chunked |
			UntilClose | Trailers | EchoLength | Upload | Unix,
		prepare: func(s *settings) ([]string, error) {
			s.AccessLog = filepath.Join(s.Dir, "access.log")
			config, err := render("nginx.conf.tmpl", s)
			if err != nil {
				return nil, err
			}
			// -e: until it has read the configuration it would write to a log
			// that only root can.
			return []string{bin, "-e", "stderr", "-p", s.Dir, "-c", config}, nil
		},
		ready: probe,
	}
}
