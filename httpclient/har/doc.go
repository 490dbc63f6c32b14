// Package har writes down what a client has exchanged, in HAR 1.2, the HTTP Archive format, which the developer tools
// of browsers and many other programs read.
//
//	recorder := har.NewRecorder()
//	c, err := httpclient.New("example.org", recorder.Option())
//	…
//	_, err = recorder.WriteTo(file)
//
// A [Recorder] sees the octets of each connection and takes them apart itself: fields are in the order and with the
// case in which they were sent, content is without its transfer coding, sizes are those on the wire. What a caller
// reads or leaves unread changes nothing.
//
// Credentials are left out unless [KeepCredentials] asks for them. Content is kept up to [MaxContent]; what there is
// beyond is counted.
//
// The types are this package's own. The libraries that have some describe what a browser's debugging protocol gives
// and leave out members that the format requires when they are zero, such as a time of 0 ms, and library
// packages of this module depend on the standard library and golang.org/x/net alone.
//
// # Terminology
//
//   - An archive is a HAR file, and an entry one exchange in it: a request and its final response. The format calls
//     fields headers.
//   - The wire size of content is what it took on the connection, its transfer coding included.
//   - Times are in milliseconds; -1 stands for a time or a size that does not apply or is not known.
package har
