package headers

import (
	"bytes"
	"errors"

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
	drop  dropping

	admitted   wire.Lenient
	deviations []wire.Deviation
}

// dropping is what becomes of lines that are no field lines.
type dropping uint8

const (
	dropNone  dropping = iota
	dropLine           // the line that is being read
	dropFolds          // what goes on with the line before, which was dropped
	dropRest           // that line and all behind it
)

// Start makes p ready for a section that begins at offset start of the data that [Parser.Parse] will
// get.
func (p *Parser) Start(start int) {
	p.start, p.line, p.from = start, start, start
	p.clean, p.drop, p.admitted, p.deviations = false, dropNone, 0, p.deviations[:0]
}

// Admitted returns the leniencies used so far in this section.
func (p *Parser) Admitted() wire.Lenient { return p.admitted }

// Deviations returns where each leniency was used first in this section: the offset of its line in data. It
// holds until the next Start.
func (p *Parser) Deviations() []wire.Deviation { return p.deviations }

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
				f.mend()
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
		switch {
		case p.drop == dropNone:
			return p.parseSpaced(f, b)
		case p.drop == dropFolds && p.Lenient&wire.AllowObsFold == 0:
			return 0, false, wire.NewSyntaxError(wire.RuleObsFold, wire.ElementFieldLine, b, p.line)
		case p.drop == dropFolds:
			p.note(wire.AllowObsFold)
			p.drop = dropLine
		}
	}
	if p.drop == dropLine || p.drop == dropRest {
		return p.parseDropped(b)
	}
	p.drop = dropNone
	if len(f.spans) >= p.Fields && p.from == p.line {
		return 0, false, p.fail(wire.RuleLimitFields, b, p.line)
	}
	line, next, ok, err := wire.ConsumeFieldLine(b, p.line, p.from, p.Lenient)
	if err != nil && p.drops(b, err) {
		return p.parseDropped(b)
	}
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

// drops begins to drop lines when err says that the one in b is no field line, and that is admitted.
func (p *Parser) drops(b []byte, err error) bool {
	switch {
	case !errors.Is(err, wire.RuleMissingColon) && !errors.Is(err, wire.RuleFieldName) && !errors.Is(err, wire.RuleSpaceBeforeColon):
		return false
	case p.Lenient&wire.AllowBadLineSkipped != 0:
		p.drop = dropLine
		p.note(wire.AllowBadLineSkipped)
	case p.Lenient&wire.AllowBadLineEnds != 0:
		p.drop = dropRest
		if rest := b[p.line:]; rest[0] == ':' || bytes.HasPrefix(rest, mailboxFrom) {
			p.drop = dropLine
		}
		p.note(wire.AllowBadLineEnds)
	default:
		return false
	}
	return true
}

// mailboxFrom begins the line that a mailbox puts before a message. Like a line without a name it is dropped
// alone where others end the section: clients whose fields are those of mail do so.
var mailboxFrom = []byte("From ")

// parseDropped passes over a line that is no field line.
func (p *Parser) parseDropped(b []byte) (end int, ok bool, err error) {
	lf := bytes.IndexByte(b[p.from:], '\n')
	if lf < 0 {
		p.from = len(b)
		return 0, false, nil
	}
	end = p.from + lf + 1
	if b[end-2] != '\r' { // an empty line is not dropped, so there is an octet before
		if p.Lenient&wire.AllowBareLF == 0 {
			return 0, false, wire.NewSyntaxError(wire.RuleBareLF, wire.ElementFieldLine, b, end-1)
		}
		p.note(wire.AllowBareLF)
	}
	if p.drop == dropLine {
		p.drop = dropFolds
	}
	return end, true, nil
}

// note records leniencies that the line being read has used.
func (p *Parser) note(used wire.Lenient) {
	if used&(wire.AllowBareCR|wire.AllowNUL) != 0 {
		p.clean = true
	}
	for fresh := used &^ p.admitted; fresh != 0; fresh &= fresh - 1 {
		p.deviations = append(p.deviations, wire.Deviation{Lenient: fresh & -fresh, Offset: int64(p.line)})
	}
	p.admitted |= used
}

// parseEnd reads the empty line that ends the section.
func (p *Parser) parseEnd(b []byte, c byte) (end int, ok bool, err error) {
	if c == '\n' {
		if p.Lenient&wire.AllowBareLF == 0 {
			return 0, false, p.fail(wire.RuleBareLF, b, p.line)
		}
		p.note(wire.AllowBareLF)
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
	p.note(rule.Lenient())
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
