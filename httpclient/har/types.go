package har

// Archive is what a HAR file holds. Members are in the order of the format's description, "HAR 1.2 Spec".
type Archive struct {
	Log Log `json:"log"`
}

// Log is the root of an archive. It has no pages: a client loads none.
type Log struct {
	Version string  `json:"version"` // "1.2"
	Creator Creator `json:"creator"`
	Entries []Entry `json:"entries"` // in the order in which they were started
	Comment string  `json:"comment,omitempty"`
}

// Creator names the program that made an archive.
type Creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Comment string `json:"comment,omitempty"`
}

// Entry is one exchange.
type Entry struct {
	Started  string   `json:"startedDateTime"` // ISO 8601, with milliseconds and the offset from UTC
	Time     float64  `json:"time"`            // of all Timings but SSL, which is a part of Connect
	Request  Request  `json:"request"`
	Response Response `json:"response"`
	Cache    struct{} `json:"cache"` // there is none
	Timings  Timings  `json:"timings"`
	// ServerIP is the address that was dialled, of a proxy where there is one; empty when it is none of IP.
	ServerIP string `json:"serverIPAddress,omitempty"`
	// Connection numbers the connections of one [Recorder].
	Connection string `json:"connection,omitempty"`
	// Comment says what became of an exchange that is not whole.
	Comment string `json:"comment,omitempty"`
}

// Request is a request as it was sent.
type Request struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"` // absolute, put together by RFC 9112 section 3.3
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []Cookie  `json:"cookies"`
	Headers     []Pair    `json:"headers"` // in order and case as they were sent
	QueryString []Pair    `json:"queryString"`
	PostData    *PostData `json:"postData,omitempty"`
	HeadersSize int64     `json:"headersSize"` // the head in octets, its empty line included
	BodySize    int64     `json:"bodySize"`    // wire size
	Comment     string    `json:"comment,omitempty"`
}

// Response is a final response as it came. Its Status is 0 when there was none.
type Response struct {
	Status      int      `json:"status"`
	StatusText  string   `json:"statusText"`
	HTTPVersion string   `json:"httpVersion"`
	Cookies     []Cookie `json:"cookies"`
	Headers     []Pair   `json:"headers"`
	Content     Content  `json:"content"`
	RedirectURL string   `json:"redirectURL"` // the value of Location
	HeadersSize int64    `json:"headersSize"`
	BodySize    int64    `json:"bodySize"`
	Comment     string   `json:"comment,omitempty"`
}

// Pair is a field, a parameter of a query, or one of a form.
type Pair struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Comment string `json:"comment,omitempty"`
}

// Cookie is one that was sent, by its name and value alone, or one that was to be set.
type Cookie struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Path     string `json:"path,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Expires  string `json:"expires,omitempty"` // ISO 8601
	HTTPOnly bool   `json:"httpOnly,omitempty"`
	Secure   bool   `json:"secure,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// PostData is the content of a request.
type PostData struct {
	MimeType string `json:"mimeType"`
	Params   []Pair `json:"params"` // of a form of type application/x-www-form-urlencoded
	Text     string `json:"text"`
	// Encoding is "base64" for a Text that is no text by itself. The format has none here; custom members begin with
	// an underscore.
	Encoding string `json:"_encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// Content is the content of a response, without transfer coding, and without a content coding of gzip or deflate where
// all of it was kept and could be decoded.
type Content struct {
	Size        int64  `json:"size"`                  // in octets; of all, also where Text is a part
	Compression int64  `json:"compression,omitempty"` // how many octets a content coding has saved
	MimeType    string `json:"mimeType"`
	Text        string `json:"text,omitempty"`
	Encoding    string `json:"encoding,omitempty"` // "base64" for a Text that is no text by itself
	Comment     string `json:"comment,omitempty"`
}

// Timings are the phases of an exchange, in milliseconds.
type Timings struct {
	DNS     float64 `json:"dns"`     // -1 unless the connection was dialled through [Recorder.OptionFor]
	Connect float64 `json:"connect"` // dialling behind name resolution, and SSL; -1 on a connection that was there
	SSL     float64 `json:"ssl"`     // the handshake of TLS, a part of Connect; -1 where there was none
	Send    float64 `json:"send"`    // from the first to the last octet of the request
	Wait    float64 `json:"wait"`    // until the first octet that came
	Receive float64 `json:"receive"` // until the last octet
	Comment string  `json:"comment,omitempty"`
}
