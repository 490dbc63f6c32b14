package status

// entry is what the package knows of one registered code.
type entry struct {
	text        string // code, SP, phrase: [Code.String] returns it, [Code.Phrase] its end
	reference   string
	description string
}

// phraseAt is where the phrase starts in an entry's text: after three digits
// and a space.
const phraseAt = 4

// table is indexed by the code itself. The gaps cost some kilobytes of zeros;
// in return a lookup is one bounds check and one load.
var table = [...]entry{
	Continue: {
		"100 Continue",
		"RFC 9110, Section 15.2.1",
		"The head was received and not refused; the client may go on to send the content.",
	},
	SwitchingProtocols: {
		"101 Switching Protocols",
		"RFC 9110, Section 15.2.2",
		"The server agrees to change the protocol of this connection to the one its Upgrade field names.",
	},
	Processing: {
		"102 Processing",
		"RFC 2518, Section 10.1",
		"The server has accepted the whole request and is still working on it.",
	},
	EarlyHints: {
		"103 Early Hints",
		"RFC 8297, Section 2",
		"These fields, sent ahead of the final response, let the client start on work it is likely to need.",
	},
	OK: {
		"200 OK",
		"RFC 9110, Section 15.3.1",
		"The request succeeded; what the content holds depends on the method.",
	},
	Created: {
		"201 Created",
		"RFC 9110, Section 15.3.2",
		"The request succeeded and made at least one new resource, named by Location or else by the target URI.",
	},
	Accepted: {
		"202 Accepted",
		"RFC 9110, Section 15.3.3",
		"The request was taken on for processing that is not finished and may yet fail.",
	},
	NonAuthoritativeInformation: {
		"203 Non-Authoritative Information",
		"RFC 9110, Section 15.3.4",
		"The request succeeded, and a transforming proxy changed the content that the origin server sent.",
	},
	NoContent: {
		"204 No Content",
		"RFC 9110, Section 15.3.5",
		"The request succeeded and there is no content to send.",
	},
	ResetContent: {
		"205 Reset Content",
		"RFC 9110, Section 15.3.6",
		"The request succeeded and the user agent should reset the view from which it was sent.",
	},
	PartialContent: {
		"206 Partial Content",
		"RFC 9110, Section 15.3.7",
		"The content is one or more of the ranges that the request asked for.",
	},
	MultiStatus: {
		"207 Multi-Status",
		"RFC 4918, Section 11.1",
		"The content reports a status for each of several independent operations.",
	},
	AlreadyReported: {
		"208 Already Reported",
		"RFC 5842, Section 7.1",
		"The members of this binding were listed earlier in the same multi-status content and are not repeated.",
	},
	IMUsed: {
		"226 IM Used",
		"RFC 3229, Section 10.4.1",
		"The content is the result of applying instance manipulations to the current instance of the resource.",
	},
	MultipleChoices: {
		"300 Multiple Choices",
		"RFC 9110, Section 15.4.1",
		"The resource has several representations, and the user or user agent is to choose one of them.",
	},
	MovedPermanently: {
		"301 Moved Permanently",
		"RFC 9110, Section 15.4.2",
		"The resource has a new permanent URI; a client may change POST to GET when it follows.",
	},
	Found: {
		"302 Found",
		"RFC 9110, Section 15.4.3",
		"The resource is under another URI for the time being; a client may change POST to GET when it follows.",
	},
	SeeOther: {
		"303 See Other",
		"RFC 9110, Section 15.4.4",
		"The answer to the request is to be fetched with GET or HEAD from another URI.",
	},
	NotModified: {
		"304 Not Modified",
		"RFC 9110, Section 15.4.5",
		"The condition of a conditional GET or HEAD was false, so the client's stored representation still holds.",
	},
	UseProxy: {
		"305 Use Proxy",
		"RFC 9110, Section 15.4.6",
		"Once told the client to repeat the request through a named proxy; deprecated because in-band proxy configuration is unsafe.",
	},
	Unused: {
		"306 (Unused)",
		"RFC 9110, Section 15.4.7",
		"Held a meaning in an early draft and is now reserved without one.",
	},
	TemporaryRedirect: {
		"307 Temporary Redirect",
		"RFC 9110, Section 15.4.8",
		"The resource is under another URI for the time being, and the method must not change when following.",
	},
	PermanentRedirect: {
		"308 Permanent Redirect",
		"RFC 9110, Section 15.4.9",
		"The resource has a new permanent URI, and the method is not to change when following.",
	},
	BadRequest: {
		"400 Bad Request",
		"RFC 9110, Section 15.5.1",
		"The server will not process the request because of what it takes to be a client error, such as malformed syntax or framing.",
	},
	Unauthorized: {
		"401 Unauthorized",
		"RFC 9110, Section 15.5.2",
		"The request lacks credentials that are valid for the target resource.",
	},
	PaymentRequired: {
		"402 Payment Required",
		"RFC 9110, Section 15.5.3",
		"Reserved for a use that has not been defined.",
	},
	Forbidden: {
		"403 Forbidden",
		"RFC 9110, Section 15.5.4",
		"The server understood the request and refuses to fulfil it.",
	},
	NotFound: {
		"404 Not Found",
		"RFC 9110, Section 15.5.5",
		"The server has no current representation of the target resource, or will not say that it has one.",
	},
	MethodNotAllowed: {
		"405 Method Not Allowed",
		"RFC 9110, Section 15.5.6",
		"The target resource does not support this method; Allow lists those that it does.",
	},
	NotAcceptable: {
		"406 Not Acceptable",
		"RFC 9110, Section 15.5.7",
		"No representation of the resource suits the request's negotiation fields, and the server will not send a default.",
	},
	ProxyAuthenticationRequired: {
		"407 Proxy Authentication Required",
		"RFC 9110, Section 15.5.8",
		"The client has to authenticate itself to the proxy before the request can go on.",
	},
	RequestTimeout: {
		"408 Request Timeout",
		"RFC 9110, Section 15.5.9",
		"The complete request did not arrive within the time that the server was ready to wait.",
	},
	Conflict: {
		"409 Conflict",
		"RFC 9110, Section 15.5.10",
		"The request conflicts with the present state of the target resource.",
	},
	Gone: {
		"410 Gone",
		"RFC 9110, Section 15.5.11",
		"The target resource was removed, probably for good.",
	},
	LengthRequired: {
		"411 Length Required",
		"RFC 9110, Section 15.5.12",
		"The server does not accept this request without a Content-Length.",
	},
	PreconditionFailed: {
		"412 Precondition Failed",
		"RFC 9110, Section 15.5.13",
		"At least one condition in the request's fields was false when the server tested it.",
	},
	ContentTooLarge: {
		"413 Content Too Large",
		"RFC 9110, Section 15.5.14",
		"The request content is larger than the server is willing or able to process.",
	},
	URITooLong: {
		"414 URI Too Long",
		"RFC 9110, Section 15.5.15",
		"The target URI is longer than the server is willing to interpret.",
	},
	UnsupportedMediaType: {
		"415 Unsupported Media Type",
		"RFC 9110, Section 15.5.16",
		"The format or the content coding of the request content is not supported for this method on the target resource.",
	},
	RangeNotSatisfiable: {
		"416 Range Not Satisfiable",
		"RFC 9110, Section 15.5.17",
		"None of the requested ranges can be served, or the set of ranges was refused as wasteful.",
	},
	ExpectationFailed: {
		"417 Expectation Failed",
		"RFC 9110, Section 15.5.18",
		"At least one of the inbound servers could not meet what the Expect field asks for.",
	},
	ImATeapot: {
		"418 I'm a Teapot",
		"RFC 9110, Section 15.5.19",
		"Reserved because an April Fools' protocol for coffee pots spent it on a joke that was widely deployed.",
	},
	MisdirectedRequest: {
		"421 Misdirected Request",
		"RFC 9110, Section 15.5.20",
		"The request came to a server that cannot or will not answer authoritatively for the target URI.",
	},
	UnprocessableContent: {
		"422 Unprocessable Content",
		"RFC 9110, Section 15.5.21",
		"The content is of a supported type and well formed, but its instructions cannot be carried out.",
	},
	Locked: {
		"423 Locked",
		"RFC 4918, Section 11.3",
		"The source or destination resource of the method is locked.",
	},
	FailedDependency: {
		"424 Failed Dependency",
		"RFC 4918, Section 11.4",
		"The method was not performed because another action that it depended on failed.",
	},
	TooEarly: {
		"425 Too Early",
		"RFC 8470, Section 5.2",
		"The server will not risk processing a request that arrived in TLS early data and might be a replay.",
	},
	UpgradeRequired: {
		"426 Upgrade Required",
		"RFC 9110, Section 15.5.22",
		"The server refuses the request over the current protocol and might accept it after an upgrade to one that it names.",
	},
	PreconditionRequired: {
		"428 Precondition Required",
		"RFC 6585, Section 3",
		"The origin server wants the request to be conditional, so that concurrent changes are not lost.",
	},
	TooManyRequests: {
		"429 Too Many Requests",
		"RFC 6585, Section 4",
		"The client sent more requests in a span of time than the server's rate limit allows.",
	},
	RequestHeaderFieldsTooLarge: {
		"431 Request Header Fields Too Large",
		"RFC 6585, Section 5",
		"The header section of the request, or a single field in it, is larger than the server is willing to process.",
	},
	UnavailableForLegalReasons: {
		"451 Unavailable For Legal Reasons",
		"RFC 7725, Section 3",
		"Access to the resource is denied because of a legal demand.",
	},
	InternalServerError: {
		"500 Internal Server Error",
		"RFC 9110, Section 15.6.1",
		"The server met an unexpected condition that kept it from fulfilling the request.",
	},
	NotImplemented: {
		"501 Not Implemented",
		"RFC 9110, Section 15.6.2",
		"The server lacks what the request needs; in particular it does not recognize the method.",
	},
	BadGateway: {
		"502 Bad Gateway",
		"RFC 9110, Section 15.6.3",
		"The server, acting as a gateway or proxy, received an invalid response from the server behind it.",
	},
	ServiceUnavailable: {
		"503 Service Unavailable",
		"RFC 9110, Section 15.6.4",
		"The server is overloaded or under maintenance for the time being; Retry-After may say for how long.",
	},
	GatewayTimeout: {
		"504 Gateway Timeout",
		"RFC 9110, Section 15.6.5",
		"The server, acting as a gateway or proxy, received no timely response from the server behind it.",
	},
	HTTPVersionNotSupported: {
		"505 HTTP Version Not Supported",
		"RFC 9110, Section 15.6.6",
		"The server does not support, or refuses to support, the major HTTP version of the request.",
	},
	VariantAlsoNegotiates: {
		"506 Variant Also Negotiates",
		"RFC 2295, Section 8.1",
		"The chosen variant is itself set up for content negotiation, which is a fault in the server's configuration.",
	},
	InsufficientStorage: {
		"507 Insufficient Storage",
		"RFC 4918, Section 11.5",
		"The server cannot store the representation that it needs to complete the request.",
	},
	LoopDetected: {
		"508 Loop Detected",
		"RFC 5842, Section 7.2",
		"The operation was ended because it met an infinite loop of bindings under \"Depth: infinity\".",
	},
	NotExtended: {
		"510 Not Extended",
		"RFC 2774, Section 7",
		"The request lacks an extension that the server's policy for the resource demands.",
	},
	NetworkAuthenticationRequired: {
		"511 Network Authentication Required",
		"RFC 6585, Section 6",
		"The client has to authenticate itself to gain access to the network; an intercepting proxy is answering.",
	},
}
