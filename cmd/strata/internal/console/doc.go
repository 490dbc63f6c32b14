// Package console is what the command knows of terminals: when to colour, with which colours, and how octets are
// shown so that none of them acts on a terminal.
//
// # Terminology
//
//   - A style is the role of a piece of text; a [Palette] gives each a colour, or none.
//   - A layer is one of the packages that an exchange passes through, or the caller above them.
package console
