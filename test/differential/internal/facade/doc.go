// Package facade puts cases before Strata's httpclient on a connection in memory: what its user sees may differ in
// nothing from what package conn tells.
//
// # Terminology
//
//   - case, result, driver: see package lines.
package facade
