package main

import (
	"embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/engine"
)

//go:embed drivers
var drivers embed.FS

// engines are those that this command knows. A command of one word is a driver in this program.
var engines = []struct {
	name    string
	command []string // {dir} stands for the folder of drivers
}{
	{"strata/1", nil},
	{"httpclient", nil},
	{"net/http", nil},
	{"fasthttp", nil},
	{"node", []string{"node", "{dir}/node.js"}},
	{"h11", []string{"/usr/bin/python3", "{dir}/h11_driver.py"}},
	{"http.client", []string{"/usr/bin/python3", "{dir}/http_client_driver.py"}},
}

// start starts Strata and the others. Who cannot be started is left out, and told by report.
func (o *options) start(report func(string)) (strata *engine.Engine, others []*engine.Engine, stop func(), err error) {
	dir, err := unpack()
	if err != nil {
		return nil, nil, nil, err
	}
	stop = func() {
		for _, e := range append(others, strata) {
			if e != nil {
				e.Close()
			}
		}
		os.RemoveAll(dir)
	}
	self, err := os.Executable()
	if err != nil {
		stop()
		return nil, nil, nil, err
	}
	if strata, err = engine.Start("strata", self, "driver", "strata"); err != nil {
		stop()
		return nil, nil, nil, err
	}
	add := func(name string, command []string) {
		e, err := engine.Start(name, command...)
		if err != nil {
			report("left out: " + strings.Join(strings.Fields(err.Error()), " "))
			return
		}
		report(fmt.Sprintf("%s: %s %s", name, e.About.Driver, e.About.Version))
		others = append(others, e)
	}
	report("strata: " + strata.About.Version)
	for _, known := range engines {
		if !o.wants(known.name) {
			continue
		}
		command := []string{self, "driver", known.name}
		if known.command != nil {
			command = slices.Clone(known.command)
			for i := range command {
				command[i] = strings.Replace(command[i], "{dir}", dir, 1)
			}
		}
		add(known.name, command)
	}
	for _, name := range slices.Sorted(maps.Keys(o.extra)) {
		add(name, strings.Fields(o.extra[name]))
	}
	return strata, others, stop, nil
}

func (o *options) wants(name string) bool {
	return o.only == "" || slices.Contains(strings.Split(o.only, ","), name)
}

// unpack writes the drivers in other languages to a folder.
func unpack() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "differential"); err != nil {
		return "", err
	}
	entries, err := drivers.ReadDir("drivers")
	if err != nil {
		return dir, err
	}
	for _, e := range entries {
		text, err := drivers.ReadFile("drivers/" + e.Name())
		if err != nil {
			return dir, err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600); err != nil {
			return dir, err
		}
	}
	return dir, nil
}
