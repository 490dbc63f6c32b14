package wire

import "strings"

// Rule is one thing that the protocol, or a limit, requires of a message. It is an error, so that
// errors.Is(err, wire.RuleBareCR) tells what a peer or a caller broke. The zero Rule is none.
type Rule uint8

// The rules. docs/rules.md lists them with what each requires.
const (
	_ Rule = iota

	// Lines.
	RuleBareCR
	RuleBareLF
	RuleLineEnd
	RuleNUL

	// Start-lines.
	RuleRequestLine
	RuleMethod
	RuleTarget
	RuleTargetForm
	RuleAuthority
	RuleUserinfo
	RuleVersion
	RuleMajorVersion
	RuleNoStatusLine
	RuleStatusLine
	RuleStatusCode
	RuleMissingReason
	RuleReasonPhrase

	// Field lines.
	RuleFieldName
	RuleMissingColon
	RuleSpaceBeforeColon
	RuleFieldValue
	RuleObsFold
	RuleLeadingSpace
	RuleEdgeSpace

	// Fields that steer the connection.
	RuleHostMissing
	RuleHostRepeated
	RuleHostInvalid
	RuleContentLength
	RuleContentLengths
	RuleTransferEncoding
	RuleChunkedNotFinal
	RuleChunkedRepeated
	RuleUnknownCoding
	RuleCodingAndLength
	RuleCodingInHTTP10
	RuleUpgradeUnasked

	// The chunked transfer coding.
	RuleChunkSize
	RuleChunkSizeRange
	RuleChunkExt
	RuleChunkSpace
	RuleChunkBareLF
	RuleChunkEnd

	// Whole messages.
	RuleIncompleteHead
	RuleIncompleteContent
	RuleNoResponse
	RuleUnsolicited

	// What binds a sender.
	RuleInterimToHTTP10
	RuleUpgradeMissing
	RuleFramingForbidden
	RuleContentForbidden
	RuleContentUnframed
	RuleContentExcess
	RuleContentShort
	RuleTrailerField
	RuleTrailerUnframed

	// Limits.
	RuleLimitLine
	RuleLimitSection
	RuleLimitFields
	RuleLimitTrailer
	RuleLimitContent
	RuleLimitChunkOverhead
	RuleLimitInterim

	ruleEnd
)

// Binds says whom a rule binds: the side that must keep it, in the words of RFC 9110 section 2.2
// and 3.
type Binds uint8

const (
	BindsSender    Binds = iota + 1 // whoever writes the message
	BindsRecipient                  // whoever reads it
	BindsClient                     // the client, in what it sends
	BindsServer                     // the server, in what it sends
)

// String returns "sender", "recipient", "client" or "server".
func (b Binds) String() string {
	return [...]string{"", "sender", "recipient", "client", "server"}[b]
}

// ruleInfo is one row of the catalogue.
type ruleInfo struct {
	name     string // stable, for logs and machines
	section  string // "RFC 9112 section 2.2"
	problem  string // what was wrong, as an error message says it
	requires string // what is required, in one line
	binds    Binds
	lenient  Lenient
}

var rules = [ruleEnd]ruleInfo{
	RuleBareCR: {"bare-cr", "RFC 9112 section 2.2", "bare CR in field value",
		"A CR stands only before the LF that ends a line.", BindsSender, AllowBareCR},
	RuleBareLF: {"bare-lf", "RFC 9112 section 2.2", "line ended by LF without CR",
		"Start-lines and field lines end in CRLF.", BindsSender, AllowBareLF},
	RuleLineEnd: {"line-end", "RFC 9112 section 2.2", "CR that no LF follows at the end of a line",
		"The CR that ends a line is followed by LF.", BindsSender, 0},
	RuleNUL: {"nul", "RFC 9110 section 5.5", "NUL in field value",
		"A field value holds no NUL.", BindsSender, AllowNUL},

	RuleRequestLine: {"request-line", "RFC 9112 section 3", "malformed request-line",
		"A request-line is method SP request-target SP HTTP-version CRLF, with one SP each time.", BindsClient, 0},
	RuleMethod: {"method", "RFC 9110 section 9.1", "method is no token",
		"A method is a token.", BindsClient, 0},
	RuleTarget: {"request-target", "RFC 9112 section 3.2", "invalid octet in request-target",
		"A request-target holds visible ASCII octets only, and no fragment.", BindsClient, AllowObsTarget},
	RuleTargetForm: {"request-target-form", "RFC 9112 section 3.2", "request-target has the wrong form for its method",
		"A request-target is in origin-form or absolute-form; in authority-form for CONNECT alone, in asterisk-form for OPTIONS alone.", BindsClient, 0},
	RuleAuthority: {"authority", "RFC 9112 section 3.2", "invalid authority in request-target",
		"The authority in a request-target is a host and a port; CONNECT names both, the port from 1 to 65535.", BindsClient, 0},
	RuleUserinfo: {"userinfo", "RFC 9110 section 4.2.4", "userinfo in request-target",
		"An http or https URI in a message has no userinfo.", BindsClient, 0},
	RuleVersion: {"http-version", "RFC 9112 section 2.3", "malformed HTTP-version",
		"HTTP-version is \"HTTP/\" DIGIT \".\" DIGIT, in capitals.", BindsSender, AllowAnyVersion},
	RuleMajorVersion: {"major-version", "RFC 9110 section 2.5", "unsupported major version",
		"The major version is 1.", BindsSender, 0},
	RuleNoStatusLine: {"no-status-line", "RFC 9112 section 4", "response without status-line",
		"A response begins with a status-line, and so with \"HTTP/\".", BindsServer, AllowHTTP09},
	RuleStatusLine: {"status-line", "RFC 9112 section 4", "malformed status-line",
		"A status-line is HTTP-version SP status-code SP [ reason-phrase ] CRLF.", BindsServer, AllowLooseStatusLine},
	RuleStatusCode: {"status-code", "RFC 9112 section 4", "status code is not three digits",
		"A status code has three digits.", BindsServer, 0},
	RuleMissingReason: {"missing-reason", "RFC 9112 section 4", "no SP behind the status code",
		"A SP follows the status code even when the reason phrase is empty.", BindsServer, AllowMissingReason},
	RuleReasonPhrase: {"reason-phrase", "RFC 9112 section 4", "control character in reason phrase",
		"A reason phrase holds HTAB, SP, visible octets and obs-text.", BindsServer, AllowReasonControls},

	RuleFieldName: {"field-name", "RFC 9110 section 5.1", "field name is no token",
		"A field name is a token.", BindsSender, AllowLooseName},
	RuleMissingColon: {"missing-colon", "RFC 9112 section 5", "field line without colon",
		"A field line is field-name \":\" OWS field-value OWS.", BindsSender, AllowBadLineEnds | AllowBadLineSkipped},
	RuleSpaceBeforeColon: {"space-before-colon", "RFC 9112 section 5.1", "whitespace between field name and colon",
		"No whitespace stands between a field name and its colon.", BindsSender, AllowSpaceBeforeColon},
	RuleFieldValue: {"field-value", "RFC 9110 section 5.5", "control character in field value",
		"A field value holds visible octets, SP, HTAB and obs-text.", BindsSender, AllowControls},
	RuleObsFold: {"obs-fold", "RFC 9112 section 5.2", "folded field line",
		"A field line is not continued on the next line.", BindsSender, AllowObsFold},
	RuleLeadingSpace: {"leading-space", "RFC 9112 section 2.2", "whitespace before the first field line",
		"No whitespace stands between the start-line and the first field line.", BindsSender, AllowLeadingSpace},

	RuleEdgeSpace: {"edge-space", "RFC 9110 section 5.5", "whitespace at an end of a field value",
		"A field value neither begins nor ends with whitespace.", BindsSender, 0},

	RuleHostMissing: {"host-missing", "RFC 9112 section 3.2", "HTTP/1.1 request without Host",
		"An HTTP/1.1 request has a Host field.", BindsClient, AllowMissingHost},
	RuleHostRepeated: {"host-repeated", "RFC 9112 section 3.2", "more than one Host field line",
		"A request has one Host field line at most.", BindsClient, 0},
	RuleHostInvalid: {"host-invalid", "RFC 9112 section 3.2", "invalid Host",
		"Host is uri-host [ \":\" port ], or empty.", BindsClient, 0},
	RuleContentLength: {"content-length", "RFC 9110 section 8.6", "invalid Content-Length",
		"Content-Length is one decimal number below 2^63.", BindsSender, AllowBadLength},
	RuleContentLengths: {"content-length-differs", "RFC 9112 section 6.3", "Content-Length values differ",
		"Several Content-Length values are the same.", BindsSender, AllowManyLengths},
	RuleTransferEncoding: {"transfer-encoding", "RFC 9112 section 6.1", "malformed Transfer-Encoding",
		"Transfer-Encoding is a list of transfer codings, chunked without parameters.", BindsSender, 0},
	RuleChunkedNotFinal: {"chunked-not-final", "RFC 9112 section 6.3", "chunked is not the final transfer coding",
		"Chunked is the final transfer coding of a request.", BindsSender, 0},
	RuleChunkedRepeated: {"chunked-repeated", "RFC 9112 section 6.1", "chunked applied more than once",
		"Chunked is applied once.", BindsSender, 0},
	RuleUnknownCoding: {"unknown-coding", "RFC 9112 section 7", "transfer coding not implemented",
		"A transfer coding other than chunked is taken only by who asked to have it undecoded.", BindsSender, 0},
	RuleCodingAndLength: {"coding-and-length", "RFC 9112 section 6.3", "Transfer-Encoding and Content-Length together",
		"A message with Transfer-Encoding has no Content-Length. A request with both is refused; a response is framed by Transfer-Encoding, and its connection not used again.", BindsSender, 0},
	RuleCodingInHTTP10: {"coding-in-http10", "RFC 9112 section 6.1", "Transfer-Encoding in an HTTP/1.0 message",
		"Transfer-Encoding goes only to a peer that speaks HTTP/1.1, in an HTTP/1.1 message. A request otherwise is refused; a response is framed by it, and its connection not used again.", BindsSender, 0},
	RuleUpgradeUnasked: {"upgrade-unasked", "RFC 9110 section 7.8", "101 to a request that asked for no upgrade",
		"A server switches protocols only when the request's Upgrade asked for it.", BindsServer, 0},

	RuleChunkSize: {"chunk-size", "RFC 9112 section 7.1", "malformed chunk-size",
		"A chunk-size is one hexadecimal digit or more.", BindsSender, 0},
	RuleChunkSizeRange: {"chunk-size-range", "RFC 9112 section 7.1", "chunk-size too large",
		"A chunk-size is below 2^63.", BindsSender, 0},
	RuleChunkExt: {"chunk-ext", "RFC 9112 section 7.1.1", "malformed chunk extension",
		"A chunk extension is \";\" token [ \"=\" ( token / quoted-string ) ].", BindsSender, AllowLooseChunkExt},
	RuleChunkSpace: {"chunk-space", "RFC 9112 section 7.1", "whitespace at the end of a chunk-size line",
		"No whitespace stands before the line end of a chunk-size line.", BindsSender, AllowChunkSpace},
	RuleChunkBareLF: {"chunk-bare-lf", "RFC 9112 section 7.1", "LF without CR in chunked framing",
		"Lines of the chunked coding end in CRLF.", BindsSender, AllowChunkBareLF},
	RuleChunkEnd: {"chunk-end", "RFC 9112 section 7.1", "chunk-data is not followed by CRLF",
		"CRLF follows the chunk-data, which is as long as its chunk-size says.", BindsSender, 0},

	RuleIncompleteHead: {"incomplete-head", "RFC 9112 section 8", "connection closed within a message head",
		"A message head is sent whole.", BindsSender, 0},
	RuleIncompleteContent: {"incomplete-content", "RFC 9112 section 8", "connection closed before the content was complete",
		"Content is as long as its framing says.", BindsSender, AllowTrailerEOF},
	RuleNoResponse: {"no-response", "RFC 9112 section 9.5", "connection closed without a response",
		"A request is answered.", BindsServer, 0},
	RuleUnsolicited: {"unsolicited", "RFC 9112 section 9.2", "octets that belong to no outstanding request",
		"A server sends nothing that no request asked for.", BindsServer, 0},

	RuleInterimToHTTP10: {"interim-to-http10", "RFC 9110 section 15.2", "interim response to an HTTP/1.0 client",
		"A 1xx response goes only to a client that speaks HTTP/1.1.", BindsServer, 0},
	RuleUpgradeMissing: {"upgrade-missing", "RFC 9110 section 7.8", "101 without Upgrade",
		"A 101 names in Upgrade the protocol that is switched to.", BindsServer, 0},
	RuleFramingForbidden: {"framing-forbidden", "RFC 9110 section 8.6", "Content-Length or Transfer-Encoding where the message can have neither",
		"CONNECT, 1xx, 204 and 2xx to CONNECT carry neither Content-Length nor Transfer-Encoding.", BindsSender, 0},
	RuleContentForbidden: {"content-forbidden", "RFC 9112 section 6.3", "content in a message that has none",
		"Answers to HEAD, 1xx, 204 and 304 have no content, and a server generates none for 205.", BindsSender, 0},
	RuleContentUnframed: {"content-unframed", "RFC 9112 section 6.3", "content that nothing frames",
		"A request with content has Content-Length or Transfer-Encoding.", BindsClient, 0},
	RuleContentExcess: {"content-excess", "RFC 9110 section 8.6", "more content than Content-Length says",
		"Content is not longer than its Content-Length.", BindsSender, 0},
	RuleContentShort: {"content-short", "RFC 9110 section 8.6", "less content than Content-Length says",
		"Content is not shorter than its Content-Length.", BindsSender, 0},
	RuleTrailerField: {"trailer-field", "RFC 9110 section 6.5.1", "field not allowed in a trailer section",
		"A trailer section has no field for framing, routing, authentication, request modifiers or response control.", BindsSender, 0},
	RuleTrailerUnframed: {"trailer-unframed", "RFC 9110 section 6.5", "trailers without chunked framing",
		"Trailers need the chunked transfer coding.", BindsSender, 0},

	RuleLimitLine: {"limit-line", "RFC 9110 section 2.3", "line longer than Limits.Line",
		"A line has Limits.Line octets at most.", BindsSender, 0},
	RuleLimitSection: {"limit-section", "RFC 9110 section 5.4", "field section longer than Limits.Section",
		"The field section of a head has Limits.Section octets at most.", BindsSender, 0},
	RuleLimitFields: {"limit-fields", "RFC 9110 section 5.4", "more field lines than Limits.Fields",
		"A section has Limits.Fields field lines at most.", BindsSender, 0},
	RuleLimitTrailer: {"limit-trailer", "RFC 9110 section 5.4", "trailer section longer than Limits.Trailer",
		"A trailer section has Limits.Trailer octets at most.", BindsSender, 0},
	RuleLimitContent: {"limit-content", "RFC 9110 section 15.5.14", "content longer than Limits.Content",
		"Content has Limits.Content octets at most.", BindsSender, 0},
	RuleLimitChunkOverhead: {"limit-chunk-overhead", "RFC 9112 section 7.1.1", "chunked framing heavier than Limits.ChunkOverhead",
		"The chunked framing of one message takes Limits.ChunkOverhead octets at most beyond 16 a chunk and twice the data.", BindsSender, 0},
	RuleLimitInterim: {"limit-interim", "RFC 9110 section 15.2", "more interim responses than Limits.Interim",
		"Limits.Interim interim responses at most precede a final one.", BindsServer, 0},
}

// Rules returns every rule of the catalogue, in its order.
func Rules() []Rule {
	all := make([]Rule, 0, ruleEnd-1)
	for r := Rule(1); r < ruleEnd; r++ {
		all = append(all, r)
	}
	return all
}

func (r Rule) info() *ruleInfo {
	if r >= ruleEnd {
		r = 0
	}
	return &rules[r]
}

// Name returns the rule's stable name, such as "bare-cr".
func (r Rule) Name() string { return r.info().name }

// Section returns where the rule stands, such as "RFC 9112 section 2.2". For a limit it is the
// section that lets a recipient have one.
func (r Rule) Section() string { return r.info().section }

// Requires returns what the rule requires, in one sentence.
func (r Rule) Requires() string { return r.info().requires }

// Binds returns whom the rule binds.
func (r Rule) Binds() Binds { return r.info().binds }

// Lenient returns the bits each of which admits the deviation from the rule, and 0 where none does.
func (r Rule) Lenient() Lenient { return r.info().lenient }

// IsLimit reports whether the rule is a limit of the recipient's own choice (see [Limits]).
func (r Rule) IsLimit() bool { return strings.HasPrefix(r.info().name, "limit-") }

// Error returns what is wrong with a message that breaks the rule.
func (r Rule) Error() string {
	i := r.info()
	if i.name == "" {
		return "no rule"
	}
	return i.problem + " (" + i.section + ")"
}
