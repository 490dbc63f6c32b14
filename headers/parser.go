package headers

import (
	"github.com/strata-http/strata/wire"
)

// Parser reads one field section, resumable at every octet. Its exported fields are set before the
// first call; [Parser.Start] makes it ready for the next section.
type Parser struct {
	// Element names the section in errors about the section as a whole: the zero value is
	// [wire.ElementFieldSection].
	Element wire.Element
	// Lenient admits deviations. [wire.AllowObsFold] is to be set for responses (RFC 9112 section
	// 5.2): a Parser does not know what it reads.
	Lenient wire.Lenient
	// Line, Section and Fields are the limits that hold, as [wire.Limits.Resolved] has them. The
	// section is limited by SectionRule.
	Line, Section, Fields int
	// SectionRule is the rule of the limit Section: [wire.RuleLimitSection] or
	// [wire.RuleLimitTrailer].
	SectionRule wire.Rule

	start int  // where the section begins in data
	line  int  // where the line begins that is being read
	from  int  // where reading it goes on
	clean bool // a value needs octets replaced

	admitted wire.Lenient
}

// Start makes p ready for a section that begins at offset start of the data that [Parser.Parse] will
// get.
func (p *Parser) Start(start int) {
	p.start, p.line, p.from = start, start, start
	p.clean, p.admitted = false, 0
}

// Admitted returns the leniencies used so far in this section.
func (p *Parser) Admitted() wire.Lenient { return p.admitted }

// Parse goes on with the section in data, of which every call is given at least what the call before
// was given, unchanged. ok is false while the section is incomplete; then f holds nothing to look at.
// Else next is the offset behind the empty line, and f holds the section, as views of data where that
// is possible: obs-folds and replaced octets are mended in memory that f owns, never in data.
//
// The error is a [*wire.SyntaxError] with an offset into data. The outcome is the same however data
// grew.
func (p *Parser) Parse(f *Fields, data []byte) (next int, ok bool, err error) {
	if p.line == p.start {
		f.spans = f.spans[:0]
	}
	for {
		window, rule := p.window(data)
		end, ok, err := p.parseLine(f, window)
		if err != nil {
			return 0, false, err
		}
		if !ok {
			if rule != 0 && len(window) < len(data) {
				return 0, false, p.fail(rule, data, len(window))
			}
			return 0, false, nil
		}
		if end < 0 { // the empty line
			f.buf, f.view = data[:-end:-end], true
			if p.clean {
				f.rebuild(make([]byte, 0, len(f.buf)), true)
			}
			return -end, true, nil
		}
		p.line, p.from = end, end
	}
}

// window returns the part of data that the limits let this line be read from, and the rule that is
// broken when the line does not end in it. Cutting here, and not testing behind, makes the outcome
// independent of how much of data has arrived.
func (p *Parser) window(data []byte) ([]byte, wire.Rule) {
	limit, rule := p.Line, wire.RuleLimitLine
	if left := p.Section - (p.line - p.start); left < limit {
		limit, rule = left, p.SectionRule
	}
	if len(data)-p.line > limit { // no sum of limits: they may be the largest int there is
		data = data[:p.line+limit]
	}
	return data, rule
}

func (p *Parser) fail(rule wire.Rule, data []byte, at int) error {
	element := p.Element
	if rule == wire.RuleLimitLine {
		element = wire.ElementFieldLine
	} else if element == "" {
		element = wire.ElementFieldSection
	}
	return wire.NewSyntaxError(rule, element, data, at)
}

// parseLine reads one line of the section. The empty line returns the negated offset behind it.
func (p *Parser) parseLine(f *Fields, b []byte) (end int, ok bool, err error) {
	if p.line >= len(b) {
		return 0, false, nil
	}
	switch c := b[p.line]; c {
	case '\r', '\n':
		return p.parseEnd(b, c)
	case ' ', '\t':
		return p.parseSpaced(f, b)
	}
	if len(f.spans) >= p.Fields && p.from == p.line {
		return 0, false, p.fail(wire.RuleLimitFields, b, p.line)
	}
	line, next, ok, err := wire.ConsumeFieldLine(b, p.line, p.from, p.Lenient)
	if !ok {
		p.from = next
		return 0, false, err
	}
	p.note(line.Admitted)
	f.spans = append(f.spans, span{
		uint32(p.line), uint32(line.NameEnd), uint32(line.ValueStart), uint32(line.ValueEnd),
	})
	return next, true, nil
}

func (p *Parser) note(admitted wire.Lenient) {
	p.admitted |= admitted
	if admitted&(wire.AllowBareCR|wire.AllowNUL) != 0 {
		p.clean = true
	}
}

// parseEnd reads the empty line that ends the section.
func (p *Parser) parseEnd(b []byte, c byte) (end int, ok bool, err error) {
	if c == '\n' {
		if p.Lenient&wire.AllowBareLF == 0 {
			return 0, false, p.fail(wire.RuleBareLF, b, p.line)
		}
		p.admitted |= wire.AllowBareLF
		return -(p.line + 1), true, nil
	}
	if p.line+1 == len(b) {
		return 0, false, nil
	}
	if b[p.line+1] != '\n' {
		return 0, false, p.fail(wire.RuleLineEnd, b, p.line)
	}
	return -(p.line + 2), true, nil
}

// parseSpaced reads a line that begins with whitespace: one before the first field line, which is
// dropped if admitted at all, or the continuation of a folded one (RFC 9112 sections 2.2 and 5.2).
func (p *Parser) parseSpaced(f *Fields, b []byte) (end int, ok bool, err error) {
	rule := wire.RuleObsFold
	if len(f.spans) == 0 {
		rule = wire.RuleLeadingSpace
	}
	if p.Lenient&rule.Lenient() == 0 {
		return 0, false, wire.NewSyntaxError(rule, wire.ElementFieldLine, b, p.line)
	}
	line, next, ok, err := wire.ConsumeFieldValue(b, p.line, p.from, p.Lenient)
	if !ok {
		p.from = next
		return 0, false, err
	}
	p.note(line.Admitted)
	p.admitted |= rule.Lenient()
	if rule == wire.RuleObsFold {
		// The value runs on over the line break; clean makes one SP of that.
		s := &f.spans[len(f.spans)-1]
		if line.ValueEnd > line.ValueStart {
			s.valueEnd = uint32(line.ValueEnd)
		}
		p.clean = true
	}
	return next, true, nil
}
