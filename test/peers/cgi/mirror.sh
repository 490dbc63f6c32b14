#!/bin/sh
# Sends the content of the request back. It is read to its end first: the server
# writes all of it to this script before it reads what the script says.
set -e
body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat >"$body"
printf 'Content-Type: %s\n\n' "${CONTENT_TYPE:-application/octet-stream}"
cat "$body"
