#!/bin/sh
# Stores the content of the request under the last path segment in PEER_UPLOAD.
set -e
name=${PATH_INFO##*/}
case $name in
'' | .*)
	printf 'Status: 400\nContent-Type: text/plain\n\nno name to store under\n'
	exit 0
	;;
esac
cat >"$PEER_UPLOAD/.$name.part"
mv "$PEER_UPLOAD/.$name.part" "$PEER_UPLOAD/$name"
printf 'Status: 201\nContent-Type: text/plain\n\nstored\n'
