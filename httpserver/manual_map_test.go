package httpserver_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// manualMapPage is the page that these tests are about.
const manualMapPage = "../docs/http-server.md"

// TestManualMap reads the map from http.server: every name has its row, every Go identifier exists and is declared in
// the file that is linked, every flag of the command is there, and every Example is and checks an output.
func TestManualMap(t *testing.T) {
	page, err := os.ReadFile(manualMapPage)
	if err != nil {
		t.Fatal(err)
	}
	sources := manualParse(t)
	for _, problem := range sources.problems(string(page)) {
		t.Error(problem)
	}
}

// TestManualMapWhole holds the page to what the types that stand for Python's export: each name is on it.
func TestManualMapWhole(t *testing.T) {
	page, err := os.ReadFile(manualMapPage)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name := range manualParse(t).declared {
		of, member, _ := strings.Cut(strings.TrimPrefix(name, "httpserver."), ".")
		switch of {
		case "BaseHTTPRequestHandler", "SimpleHTTPRequestHandler", "HTTPServer", "Dispatch":
		default:
			continue
		}
		if member == "" || !ast.IsExported(member) {
			continue
		}
		if n++; !strings.Contains(string(page), "[`"+name+"`]") {
			t.Errorf("%s is not on the page", name)
		}
	}
	if n < 50 {
		t.Errorf("only %d names were looked for", n)
	}
}

// TestManualMapFails breaks the page in each way, which must be noticed.
func TestManualMapFails(t *testing.T) {
	b, err := os.ReadFile(manualMapPage)
	if err != nil {
		t.Fatal(err)
	}
	page, sources := string(b), manualParse(t)
	row := regexp.MustCompile("(?m)^\\| `BaseHTTPRequestHandler.path`.*\n").FindString(page)
	for _, c := range []struct{ name, old, new, want string }{
		{"a row is missing", row, "", "BaseHTTPRequestHandler.path: no row"},
		{"a row is there twice", row, row + row, "BaseHTTPRequestHandler.path: two rows"},
		{"a name that nobody knows", row, row + strings.Replace(row, ".path", ".pith", 1), "BaseHTTPRequestHandler.pith: not among the names"},
		{"another document", row, strings.Replace(row, "now, guide", "now", 1), "BaseHTTPRequestHandler.path: stands in"},
		{"no such identifier", row, strings.Replace(row, "Handler.Path", "Handler.Pith", 1), "BaseHTTPRequestHandler.Pith does not exist"},
		{"an identifier of another file", row, strings.Replace(row, "base.go", "simple.go", 1), "is declared in httpserver/base.go"},
		{"no identifier", row, strings.Replace(row, "[`httpserver.", "[`", 1), "BaseHTTPRequestHandler.path: no Go identifier"},
		{"no such Example", row, strings.Replace(row, "Handler_path`", "Handler_pith`", 1), "ExampleBaseHTTPRequestHandler_pith does not exist"},
		{"no Example", row, regexp.MustCompile(`\[.Example.*_test.go\)`).ReplaceAllString(row, ""), "BaseHTTPRequestHandler.path: no Example"},
		{"no such flag", "`strata serve --bind`", "`strata serve --bond`", "strata serve --bond does not exist"},
		{"a file that is not there", "](../httpserver/doc.go)", "](../httpserver/dac.go)", "../httpserver/dac.go does not exist"},
	} {
		broken := strings.Replace(page, c.old, c.new, 1)
		if broken == page {
			t.Errorf("%s: the page was not changed", c.name)
		}
		if found := strings.Join(sources.problems(broken), "\n"); !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", c.name, found, c.want)
		}
	}
}

// manualSources is what the packages declare: identifiers by their name with the package, fields of structs included,
// Examples, and flags of "strata serve", each with its file.
type manualSources struct {
	declared, examples map[string]string
	silent             map[string]bool // Examples that check no output
}

func manualParse(t *testing.T) manualSources {
	s := manualSources{map[string]string{}, map[string]string{}, map[string]bool{}}
	for _, pkg := range []string{"httpserver", "headers", "status", "wire", "cmd/strata"} {
		files, err := filepath.Glob("../" + pkg + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources of %s: %v", pkg, err)
		}
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			file := path.Join(pkg, filepath.Base(name))
			if strings.HasSuffix(name, "_test.go") {
				for _, e := range doc.Examples(f) {
					s.examples["Example"+e.Name] = file
					s.silent["Example"+e.Name] = e.Output == "" && !e.EmptyOutput
				}
				continue
			}
			for _, d := range f.Decls {
				s.declare(pkg, file, d)
			}
		}
	}
	serve, err := os.ReadFile("../cmd/strata/serve.go")
	if err != nil {
		t.Fatal(err)
	}
	s.declared["strata serve"] = "cmd/strata/serve.go"
	for _, m := range regexp.MustCompile(`\bf\.\w*Var\w*\(&[\w.]+, "([^"]+)"`).FindAllStringSubmatch(string(serve), -1) {
		s.declared["strata serve --"+m[1]] = "cmd/strata/serve.go"
	}
	return s
}

func (s *manualSources) declare(pkg, file string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := pkg + "."
		if d.Recv != nil {
			of := d.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if t, ok := of.(*ast.Ident); ok {
				name += t.Name + "."
			}
		}
		s.declared[name+d.Name.Name] = file
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				name := pkg + "." + spec.Name.Name
				s.declared[name] = file
				if t, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range t.Fields.List {
						for _, n := range f.Names {
							s.declared[name+"."+n.Name] = file
						}
					}
				}
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					s.declared[pkg+"."+n.Name] = file
				}
			}
		}
	}
}

var (
	manualRowName = regexp.MustCompile("^\\| `([^`]+)` \\| ((?:(?:now|guide)(?:, )?)+) \\| ")
	manualLink    = regexp.MustCompile("\\[(?:`([^`]+)`|[^\\]]*)\\]\\(([^)]+)\\)")
)

// problems returns what is wrong with a page.
func (s *manualSources) problems(page string) (all []string) {
	report := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	want, seen := map[string]string{}, map[string]bool{}
	for _, n := range manualNames {
		want[n.name] = strings.ReplaceAll(n.documents, " ", ", ")
	}
	for line := range strings.Lines(page) {
		if m := manualRowName.FindStringSubmatch(line); m != nil {
			name := m[1]
			switch documents, ok := want[name]; {
			case !ok:
				report("%s: not among the names", name)
			case seen[name]:
				report("%s: two rows", name)
			case documents != m[2]:
				report("%s: stands in %q, the page says %q", name, documents, m[2])
			}
			seen[name] = true
			checkRow(name, line, report)
		}
		for _, link := range manualLink.FindAllStringSubmatch(line, -1) {
			s.checkLink(link[1], link[2], report)
		}
	}
	for _, n := range manualNames {
		if !seen[n.name] {
			report("%s: no row", n.name)
		}
	}
	return all
}

// checkRow finds what a row must have.
func checkRow(name, line string, report func(string, ...any)) {
	identifiers, examples := 0, 0
	for _, link := range manualLink.FindAllStringSubmatch(line, -1) {
		switch pkg, _, _ := strings.Cut(link[1], "."); {
		case strings.HasPrefix(link[1], "Example"):
			examples++
		case pkg == "httpserver" || pkg == "headers" || pkg == "status" || strings.HasPrefix(link[1], "strata serve"):
			identifiers++
		}
	}
	if identifiers == 0 {
		report("%s: no Go identifier", name)
	}
	if examples == 0 {
		report("%s: no Example", name)
	}
}

// checkLink looks whether what a link names is where it leads.
func (s *manualSources) checkLink(name, to string, report func(string, ...any)) {
	if _, err := os.Stat("../docs/" + to); err != nil {
		report("%s does not exist", to)
		return
	}
	file := strings.TrimPrefix(to, "../")
	if name == "" || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "/doc.go") {
		return
	}
	declared, isExample := s.declared, strings.HasPrefix(name, "Example")
	if isExample {
		declared = s.examples
	} else if name[0] >= 'A' && name[0] <= 'Z' {
		name = path.Dir(file) + "." + name // named within a sentence, without its package
	}
	switch in, ok := declared[name]; {
	case !ok:
		report("%s does not exist", name)
	case in != file:
		report("%s is declared in %s, not in %s", name, in, file)
	case isExample && s.silent[name]:
		report("%s checks no output", name)
	}
}
