// Package script has a net.Conn whose peer follows a script: it sends octets that are known beforehand, then closes or
// falls silent. Whoever made it learns when the engine has run out of them, so that "it waits for more" is something
// that is seen and not what is left when some time is over.
//
// # Terminology
//
//   - starved: the engine reads, and the script has no more.
package script
