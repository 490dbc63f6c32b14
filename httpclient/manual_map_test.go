package httpclient_test

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
	"slices"
	"strings"
	"testing"
)

// manualMapPage is the page that these tests are about.
const manualMapPage = "../docs/http-client.md"

// TestManualMap reads the map from http.client: every name has its row, every Go identifier exists and is
// declared in the file that is linked, and every Example is there and checks an output.
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

// TestManualMapNames counts the names that there are the most of.
func TestManualMapNames(t *testing.T) {
	codes, exceptions := 0, 0
	for _, n := range manualNames {
		switch {
		case regexp.MustCompile(`^[A-Z_]+$`).MatchString(n.name) && !strings.HasSuffix(n.name, "_PORT") && n.name != "HTTP":
			codes++
		case slices.Contains(manualExceptions, n.name):
			exceptions++
		}
	}
	if codes != 49 || exceptions != len(manualExceptions) || exceptions != 14 {
		t.Errorf("%d codes, %d exceptions", codes, exceptions)
	}
}

var manualExceptions = []string{
	"HTTPException", "NotConnected", "InvalidURL", "UnknownProtocol", "UnknownTransferEncoding", "UnimplementedFileMode",
	"IncompleteRead", "ImproperConnectionState", "CannotSendRequest", "CannotSendHeader", "ResponseNotReady",
	"BadStatusLine", "LineTooLong", "RemoteDisconnected",
}

// TestManualMapFails breaks the page in each way, which must be noticed.
func TestManualMapFails(t *testing.T) {
	b, err := os.ReadFile(manualMapPage)
	if err != nil {
		t.Fatal(err)
	}
	page, sources := string(b), manualParse(t)
	row := regexp.MustCompile("(?m)^\\| `UPGRADE_REQUIRED`.*\n").FindString(page)
	tests := []struct{ name, old, new, want string }{
		{"a row is missing", row, "", "UPGRADE_REQUIRED: no row"},
		{"a row is there twice", row, row + row, "UPGRADE_REQUIRED: two rows"},
		{"a name that nobody knows", row, row + strings.Replace(row, "UPGRADE", "DOWNGRADE", 1), "DOWNGRADE_REQUIRED: not among the names"},
		{"another document", row, strings.Replace(row, "3.0", "guide", 1), "UPGRADE_REQUIRED: stands in"},
		{"no such identifier", row, strings.Replace(row, "status.UpgradeRequired", "status.Upgrade", 1), "status.Upgrade does not exist"},
		{"an identifier of another file", row, strings.Replace(row, "status/codes.go", "status/class.go", 1), "status.UpgradeRequired is declared in status/codes.go"},
		{"no identifier", row, regexp.MustCompile(`\[.status.*codes.go\)`).ReplaceAllString(row, "none"), "UPGRADE_REQUIRED: no Go identifier"},
		{"no such Example", row, strings.Replace(row, "ExampleResponse_Status", "ExampleResponse_State", 1), "ExampleResponse_State does not exist"},
		{"no Example", row, regexp.MustCompile(`\[.Example.*_test.go\)`).ReplaceAllString(row, ""), "UPGRADE_REQUIRED: no Example"},
		{"no support", row, strings.Replace(row, "426", "not supported", 1), "UPGRADE_REQUIRED: not supported"},
		{"a file that is not there", "](../wire/lenient.go)", "](../wire/strict.go)", "../wire/strict.go does not exist"},
	}
	for _, test := range tests {
		broken := strings.Replace(page, test.old, test.new, 1)
		if broken == page {
			t.Errorf("%s: the page was not changed", test.name)
		}
		found := strings.Join(sources.problems(broken), "\n")
		if !strings.Contains(found, test.want) {
			t.Errorf("%s: found %q, want %q", test.name, found, test.want)
		}
	}
}

// manualSources is what the packages declare: identifiers by their name with the package, such as
// "httpclient.Conn.Request", and Examples by their name, each with its file.
type manualSources struct {
	declared map[string]string
	examples map[string]string
	silent   map[string]bool // Examples that check no output
}

var manualPackages = []string{"httpclient", "body", "wire", "status", "headers", "proxy", "transport"}

// manualParse reads the sources of the packages that the map names.
func manualParse(t *testing.T) manualSources {
	s := manualSources{map[string]string{}, map[string]string{}, map[string]bool{}}
	for _, pkg := range manualPackages {
		files, err := filepath.Glob("../" + pkg + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources of %s: %v", pkg, err)
		}
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			name = path.Join(pkg, filepath.Base(name))
			if strings.HasSuffix(name, "_test.go") {
				for _, e := range doc.Examples(f) {
					s.examples["Example"+e.Name] = name
					s.silent["Example"+e.Name] = e.Output == "" && !e.EmptyOutput
				}
				continue
			}
			for _, d := range f.Decls {
				s.declare(pkg, name, d)
			}
		}
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
				s.declared[pkg+"."+spec.Name.Name] = file
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					s.declared[pkg+"."+n.Name] = file
				}
			}
		}
	}
}

var (
	manualRowName = regexp.MustCompile("^\\| `([^`]+)` \\| ((?:(?:2\\.7|3\\.0|3\\.3|now|guide)(?:, )?)+) \\| ")
	manualLink    = regexp.MustCompile("\\[(?:`([^`]+)`|[^\\]]*)\\]\\((\\.\\./[^)]+)\\)")
)

// problems returns what is wrong with a page.
func (s *manualSources) problems(page string) (all []string) {
	report := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	want := map[string]string{}
	for _, n := range manualNames {
		want[n.name] = strings.ReplaceAll(n.documents, " ", ", ")
	}
	seen := map[string]bool{}
	for line := range strings.Lines(page) {
		m := manualRowName.FindStringSubmatch(line)
		if m != nil {
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
			s.checkRow(name, line, report)
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

// checkRow finds what a row must have and must not say.
func (s *manualSources) checkRow(name, line string, report func(string, ...any)) {
	identifiers, examples := 0, 0
	for _, link := range manualLink.FindAllStringSubmatch(line, -1) {
		switch {
		case strings.HasPrefix(link[1], "Example"):
			examples++
		case strings.Contains(link[1], "."):
			identifiers++
		}
	}
	if identifiers == 0 {
		report("%s: no Go identifier", name)
	}
	if examples == 0 {
		report("%s: no Example", name)
	}
	if strings.Contains(line, "not supported") || strings.Contains(line, "Not supported") {
		report("%s: not supported", name)
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
	} else if pkg, _, _ := strings.Cut(name, "."); !slices.Contains(manualPackages, pkg) {
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
