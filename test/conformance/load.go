package conformance

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed *.md
var pages embed.FS

// Load reads all pages, in the order of their names. An error names the file and the line that is not as README.md has
// it.
func Load() ([]File, error) {
	entries, err := pages.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".md")
		if name == "README" {
			continue
		}
		text, err := pages.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		file, err := Parse(name, string(text))
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// All returns the cases of all pages.
func All() ([]Case, error) {
	files, err := Load()
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, file := range files {
		cases = append(cases, file.Cases...)
	}
	return cases, nil
}

var (
	caseName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	section  = regexp.MustCompile(`RFC\s\d{4}\s(section|appendix)\s`)
)

// Parse reads one page of the name given, which has no extension.
func Parse(name, text string) (File, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n") // as a checkout on Windows may have it
	p := page{file: File{Name: name}, lines: strings.Split(text, "\n")}
	if err := p.read(); err != nil {
		return File{}, fmt.Errorf("%s.md:%d: %w", name, p.at, err)
	}
	return p.file, nil
}

// page is a page that is being read.
type page struct {
	file  File
	lines []string
	at    int // lines that were read
}

// next returns the next line.
func (p *page) next() (line string, ok bool) {
	if p.at >= len(p.lines) {
		return "", false
	}
	p.at++
	return p.lines[p.at-1], true
}

// paragraphs returns the text up to the next case or block, which it leaves.
func (p *page) paragraphs() string {
	from := p.at
	for p.at < len(p.lines) && !strings.HasPrefix(p.lines[p.at], "## ") && !strings.HasPrefix(p.lines[p.at], "```") {
		p.at++
	}
	return strings.TrimSpace(strings.Join(p.lines[from:p.at], "\n"))
}

func (p *page) read() error {
	title, _ := p.next()
	var ok bool
	if p.file.Title, ok = strings.CutPrefix(title, "# "); !ok {
		return fmt.Errorf("the page begins with a heading, not with %q", title)
	}
	if p.file.Intro = p.paragraphs(); p.file.Intro == "" {
		return fmt.Errorf("there is no introduction")
	}
	known := map[string]bool{}
	for {
		heading, more := p.next()
		if !more {
			return nil
		}
		c := Case{File: p.file.Name, Line: p.at}
		if c.Name, ok = strings.CutPrefix(heading, "## "); !ok || !caseName.MatchString(c.Name) {
			return fmt.Errorf("a case begins with its name in kebab-case behind ##, not with %q", heading)
		}
		if known[c.Name] {
			return fmt.Errorf("a second case %s", c.Name)
		}
		known[c.Name] = true
		if c.Prose = p.paragraphs(); !section.MatchString(c.Prose) {
			return fmt.Errorf("%s: the prose names no section of an RFC", c.Name)
		}
		if err := p.blocks(&c); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		p.file.Cases = append(p.file.Cases, c)
	}
}

// block is a fenced block.
type block struct {
	info  []string // the words behind its fence
	lines []string
	line  int // of the first line
}

// block reads the block at whose fence the page stands, and what is empty behind it.
func (p *page) block() (block, error) {
	fence, _ := p.next()
	b := block{info: strings.Fields(strings.TrimPrefix(fence, "```")), line: p.at + 1}
	for {
		line, ok := p.next()
		if !ok {
			return b, fmt.Errorf("a block without end")
		}
		if line == "```" {
			break
		}
		b.lines = append(b.lines, line)
	}
	if len(b.info) == 0 {
		return b, fmt.Errorf("a block that does not say what it is")
	}
	return b, nil
}

// octets returns what the lines of a block stand for.
func (p *page) octets(b block) ([]byte, error) {
	octets := []byte{}
	for i, line := range b.lines {
		text, err := unescape(line)
		if err != nil {
			p.at = b.line + i
			return nil, err
		}
		octets = append(octets, text...)
	}
	return octets, nil
}

// blocks reads the blocks of a case.
func (p *page) blocks(c *Case) error {
	found := map[string]bool{}
	for p.at < len(p.lines) && strings.HasPrefix(p.lines[p.at], "```") {
		b, err := p.block()
		if err != nil {
			return err
		}
		kind := b.info[0]
		if found[kind] {
			return fmt.Errorf("a second block of %s", kind)
		}
		found[kind] = true
		switch kind {
		case "octets":
			err = p.receive(c, b)
		case "send":
			err = p.send(c, b)
		case "sent":
			c.Octets, err = p.octets(b)
		case "outcome":
			err = p.outcome(c, b)
		default:
			err = fmt.Errorf("a block of %q, which is not known", kind)
		}
		if err != nil {
			return err
		}
		if rest := p.paragraphs(); rest != "" {
			return fmt.Errorf("text behind a block: %q", rest)
		}
	}
	return complete(c, found)
}

// complete returns what is wrong with the blocks that were found.
func complete(c *Case, found map[string]bool) error {
	switch {
	case found["octets"] == found["send"]:
		return fmt.Errorf("a case has a block of octets or one of send")
	case found["octets"] && (found["sent"] || !found["outcome"]):
		return fmt.Errorf("to octets belongs an outcome")
	case found["send"] && !found["sent"] && !found["outcome"]:
		return fmt.Errorf("to send belongs a block of what was sent, or an outcome")
	case found["octets"]:
		return stated(c)
	}
	return nil
}

// stated returns what an outcome fails to say.
func stated(c *Case) error {
	must := map[any][]string{
		"accept": {"reusable"}, "reject": {"rule", "offset"}, "hang": {},
	}
	verdict, _ := c.Expect("verdict")
	keys, ok := must[verdict]
	if !ok {
		return fmt.Errorf("the verdict is accept, reject or hang, not %v", verdict)
	}
	for _, key := range keys {
		if _, ok := c.Expect(key); !ok {
			return fmt.Errorf("the outcome of %s does not state %s", verdict, key)
		}
	}
	return nil
}
