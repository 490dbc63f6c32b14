package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// page is a file under docs and what is written to it.
type page struct {
	name string
	text []byte
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run() error {
	top, err := moduleTop()
	if err != nil {
		return err
	}
	pages, err := generate(top)
	if err != nil {
		return err
	}
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(top, "docs", p.name), p.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// moduleTop returns the folder of go.mod, the working directory or one above it.
func moduleTop() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod in the working directory or above it")
		}
		dir = up
	}
}

// generate returns every page.
func generate(top string) ([]page, error) {
	src, err := readSource(filepath.Join(top, "wire"))
	if err != nil {
		return nil, err
	}
	rules, err := rulesPage(src)
	if err != nil {
		return nil, err
	}
	return []page{{"rules.md", rules}, {"states.md", statesPage()}}, nil
}

// generated stands on top of each page.
const generated = "<!-- Written by internal/docgen (make docs) from the code. Change that, not this page. -->\n\n"
