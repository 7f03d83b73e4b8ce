#!/bin/sh
# Copies the files of packaging/systemd to the folders where systemd reads them. Usage: install-units.sh FROM ROOT
set -eu
from=$1 root=$2
[ -d "$from" ] || exit 0
for file in "$from"/*.service; do
  [ ! -e "$file" ] || install -D -m 644 -t "$root/usr/lib/systemd/system" "$file"
done
for folder in "$from"/*.service.d; do
  [ ! -d "$folder" ] || install -D -m 644 -t "$root/usr/lib/systemd/system/$(basename "$folder")" "$folder"/*.conf
done
for kind in sysusers.d tmpfiles.d; do
  for file in "$from/$kind"/*.conf; do
    [ ! -e "$file" ] || install -D -m 644 -t "$root/usr/lib/$kind" "$file"
  done
done
