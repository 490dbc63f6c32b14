package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// source is what the pages need of the source of package wire: names and comments.
type source struct {
	rules    []named // the Rule constants in their order; the comment is that of the group
	lenients []named // the Lenient bits in their order
	presets  []named // the other Lenient constants
	limits   []named // the fields of Limits
}

// named is a constant or a field. Comment is its own, or, behind a blank comment, that of what stands
// before it in the group.
type named struct {
	name    string
	comment string
}

func readSource(dir string) (*source, error) {
	src := new(source)
	for _, file := range []struct {
		name string
		read func(*ast.GenDecl)
	}{
		{"rule.go", src.readRules}, {"lenient.go", src.readLenients}, {"limits.go", src.readLimits},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, file.name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.GenDecl); ok {
				file.read(d)
			}
		}
	}
	if len(src.rules) == 0 || len(src.lenients) == 0 || len(src.limits) == 0 {
		return nil, fmt.Errorf("%s has %d rules, %d leniencies and %d limits", dir, len(src.rules), len(src.lenients), len(src.limits))
	}
	return src, nil
}

// constants calls add for each exported constant with the prefix.
func constants(d *ast.GenDecl, prefix string, add func(name, comment string)) {
	if d.Tok != token.CONST {
		return
	}
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		comment := spec.Doc
		if comment == nil && !d.Lparen.IsValid() {
			comment = d.Doc
		}
		for _, name := range spec.Names {
			if strings.HasPrefix(name.Name, prefix) {
				add(name.Name, plain(comment))
			}
		}
	}
}

func (s *source) readRules(d *ast.GenDecl) {
	group := ""
	constants(d, "Rule", func(name, comment string) {
		if comment != "" {
			group = comment
		}
		s.rules = append(s.rules, named{name, group})
	})
}

func (s *source) readLenients(d *ast.GenDecl) {
	constants(d, "Allow", func(name, comment string) { s.lenients = append(s.lenients, named{name, comment}) })
	constants(d, "Lenient", func(name, comment string) { s.presets = append(s.presets, named{name, comment}) })
}

func (s *source) readLimits(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok || t.Name.Name != "Limits" {
			continue
		}
		fields, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range fields.Fields.List {
			for _, name := range f.Names {
				s.limits = append(s.limits, named{name.Name, plain(f.Doc)})
			}
		}
	}
}

var link = regexp.MustCompile(`\[([A-Z]\w*(?:\.\w+)*)\]`)

// plain returns a comment in one line, with code in place of links.
func plain(c *ast.CommentGroup) string {
	return link.ReplaceAllString(strings.Join(strings.Fields(c.Text()), " "), "`$1`")
}
