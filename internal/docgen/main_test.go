package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFresh holds that the pages that are checked in are those that the code gives.
func TestFresh(t *testing.T) {
	top, err := moduleTop()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		got, err := os.ReadFile(filepath.Join(top, "docs", p.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(got), string(p.text)); diff != "" {
			t.Errorf("docs/%s is stale: run make docs (-checked in +from the code)\n%s", p.name, diff)
		}
	}
}

// TestSame holds that the pages depend on the code alone: not on the order of a map, nor on the day.
func TestSame(t *testing.T) {
	top, err := moduleTop()
	if err != nil {
		t.Fatal(err)
	}
	first, err := generate(top)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := generate(top)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again, cmp.AllowUnexported(page{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestMissing holds that a source which does not fit the catalogue is refused.
func TestMissing(t *testing.T) {
	if _, err := readSource(t.TempDir()); err == nil {
		t.Error("no source, no error")
	}
	top, err := moduleTop()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*source){
		"a rule too few":          func(s *source) { s.rules = s.rules[1:] },
		"leniencies out of order": func(s *source) { s.lenients[0], s.lenients[1] = s.lenients[1], s.lenients[0] },
		"an unknown preset":       func(s *source) { s.presets = append(s.presets, named{name: "LenientX"}) },
		"a limit without a rule":  func(s *source) { s.limits[0].comment = "Line is long." },
	} {
		src, err := readSource(filepath.Join(top, "wire"))
		if err != nil {
			t.Fatal(err)
		}
		spoil(src)
		if _, err := rulesPage(src); err == nil {
			t.Errorf("%s, no error", name)
		}
	}
}
