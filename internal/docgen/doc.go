// Command docgen writes the pages under docs that come from tables in the code: docs/rules.md from the
// catalogue of rules, the leniencies and the limits of package wire, and docs/states.md from the state
// machine of package conn. "make docs" runs it.
//
// What the tables cannot tell at run time, the names and the comments of constants and fields, it reads
// from the source of package wire. The same source always gives the same pages; a test fails when those
// that are checked in are others.
//
// # Terminology
//
//   - page: one Markdown file under docs.
//   - group: rules that stand together in the source of package wire under one comment.
package main
