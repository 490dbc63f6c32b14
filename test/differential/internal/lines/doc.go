// Package lines is the protocol of docs/parse.md, for whoever writes a driver in Go and for whoever runs one: a case a
// line in, a result a line out, both as JSON objects.
//
// A driver leaves out what it cannot tell, and what is left out is not compared. Beyond docs/parse.md a result may have
// a "skip", for a case that the engine cannot be put to, and a "reason", by which results of one kind are grouped.
//
// # Terminology
//
//   - case, side, verdict, whole, reusable: as in docs/parse.md.
//   - engine: an implementation of HTTP/1.
//   - driver: a program that puts cases before one engine and tells what it made of them.
package lines
