package layering

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/strata-http/strata"

// source is what matters here about one Go file.
type source struct {
	file     string   // slash-separated, from the module's top
	name     string   // of the package clause, without a "_test" ending
	imports  []string // as written
	test     bool
	linkname bool
}

// scan reads every Go file of the module whose top is tree and returns them by
// folder. Every file counts, whatever its build constraints say. Like the go
// command it passes over testdata, vendor, nested modules and what starts with
// a dot or an underscore.
func scan(tree fs.FS) (map[string][]source, error) {
	found := map[string][]source{}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		hidden := name != "." && (base[0] == '.' || base[0] == '_')
		if d.IsDir() {
			if hidden || base == "testdata" || base == "vendor" || name != "." && isModule(tree, name) {
				return fs.SkipDir
			}
			return nil
		}
		if hidden || path.Ext(name) != ".go" {
			return nil
		}
		src, err := read(tree, name)
		if err != nil {
			return err
		}
		found[path.Dir(name)] = append(found[path.Dir(name)], src)
		return nil
	})
	return found, err
}

func isModule(tree fs.FS, dir string) bool {
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}

func read(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	src := source{
		file:     name,
		name:     strings.TrimSuffix(f.Name.Name, "_test"),
		test:     strings.HasSuffix(name, "_test.go"),
		linkname: hasLinkname(f),
	}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		src.imports = append(src.imports, p)
	}
	return src, nil
}

func hasLinkname(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname") {
				return true
			}
		}
	}
	return false
}

// check compares what scan found with the table and returns one line for each
// import that the table does not allow and each package that it does not know.
func check(table map[string]row, found map[string][]source) []string {
	var faults []string
	for _, pkg := range slices.Sorted(maps.Keys(found)) {
		r, ok := lookUp(table, pkg)
		if !ok {
			faults = append(faults, fmt.Sprintf("package %q has no row in the layering table", pkg))
			continue
		}
		for _, src := range found[pkg] {
			if isProgram(src, found[pkg]) {
				continue
			}
			faults = append(faults, checkFile(r, pkg, src)...)
		}
	}
	return faults
}

// isProgram tells a file of package main apart that lies in the folder of
// another package: Go never builds the two together.
func isProgram(src source, folder []source) bool {
	return src.name == "main" && !src.test &&
		slices.ContainsFunc(folder, func(s source) bool { return s.name != "main" && !s.test })
}

func checkFile(r row, pkg string, src source) []string {
	var faults []string
	for _, imported := range src.imports {
		if why := refuse(r, pkg, src.test, imported); why != "" {
			faults = append(faults, fmt.Sprintf("%s: import %q: %s", src.file, imported, why))
		}
	}
	if r.noBackDoor && !src.test && src.linkname {
		faults = append(faults, fmt.Sprintf("%s: go:linkname reaches past the imports", src.file))
	}
	return faults
}

// refuse returns why a file of pkg may not import the path; "" when it may.
func refuse(r row, pkg string, test bool, imported string) string {
	if imported == "C" {
		if r.noBackDoor && !test {
			return "the core has no C"
		}
		return ""
	}
	if inside, ok := strings.CutPrefix(imported+"/", module+"/"); ok {
		return refuseProject(r, pkg, test, strings.TrimSuffix(inside, "/"))
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		if test || matchAny(r.std, imported) {
			return ""
		}
		return "not among the standard packages that " + pkg + " may import"
	}
	if matchAny(r.modules, imported) || test && matchAny(testModules, imported) {
		return ""
	}
	return "not among the modules that " + pkg + " may depend on"
}

func refuseProject(r row, pkg string, test bool, imported string) string {
	if r.public && slices.Contains(strings.Split(imported, "/"), "internal") {
		return pkg + " shows what the public packages can do"
	}
	if matchAny(r.project, imported) {
		return ""
	}
	if test && (imported == pkg || matchAny(testKits, imported) || matchAny(r.tests, imported)) {
		return ""
	}
	return "not below " + pkg
}

// lookUp returns the row with the longest pattern that matches pkg.
func lookUp(table map[string]row, pkg string) (row, bool) {
	best, found := "", false
	for pattern := range table {
		if match(pattern, pkg) && (!found || len(pattern) > len(best)) {
			best, found = pattern, true
		}
	}
	return table[best], found
}

func matchAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, pkg) })
}

func match(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pattern == pkg
}
