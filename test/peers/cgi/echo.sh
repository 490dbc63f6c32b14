#!/bin/sh
# Says what the server received: the facts, an empty line, the field lines as
# the CGI environment has them (names lose their case, order is not kept).
set -e
body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat >"$body"
printf 'Content-Type: text/plain\n\n'
printf 'method: %s\n' "$REQUEST_METHOD"
printf 'target: %s\n' "$REQUEST_URI"
printf 'protocol: %s\n' "$SERVER_PROTOCOL"
printf 'length: %d\n' "$(wc -c <"$body")"
printf 'sha256: %s\n' "$(sha256sum <"$body" | cut -d ' ' -f 1)"
printf '\n'
env | LC_ALL=C sed -n 's/^\(CONTENT_TYPE\|CONTENT_LENGTH\)=/HTTP_&/; s/^HTTP_//p' |
	LC_ALL=C sort |
	awk -F= '{
		name = $1
		value = substr($0, length(name) + 2)
		gsub("_", "-", name)
		print tolower(name) ": " value
	}'
