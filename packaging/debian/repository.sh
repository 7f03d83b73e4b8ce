#!/bin/sh
# Makes a signed apt repository from Debian packages: a folder that any web server can serve.
# Usage: HOSTP2PD_REPOSITORY_KEY=KEY repository.sh [FOLDER [PACKAGES]]
# KEY is the id of a secret key that gpg has, or a file with one. PACKAGES is the folder of the packages; default: where build.sh
# writes them. Packages of earlier versions stay in FOLDER. The same packages give the same files, except for the signatures.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-$root/packaging/.build/repository}
packages=${2:-$root/packaging/.build}
key=${HOSTP2PD_REPOSITORY_KEY:-}

fail() {
  echo "$1" >&2
  exit 2
}

missing=''
for command in apt-ftparchive gpg gpgconf; do
  command -v "$command" >/dev/null 2>&1 || missing="$missing $command"
done
[ -z "$missing" ] || fail "Not found:$missing. On Debian: apt install apt-utils gnupg"
wanted='HOSTP2PD_REPOSITORY_KEY: expected the id of a secret key that gpg has, or a file with one'
[ -n "$key" ] || fail "$wanted, got nothing"
set -- "$packages"/hostp2pd_*.deb
[ -e "$1" ] || fail "$packages: expected packages hostp2pd_*.deb, got none. Build them: npm run package:debs"

stage=$(mktemp -d)
# An agent of gpg serves this folder of keys.
trap '[ ! -d "$stage/gnupg" ] || gpgconf --homedir "$stage/gnupg" --kill all; rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM
if [ -f "$key" ]; then
  mkdir -m 700 "$stage/gnupg"
  export GNUPGHOME="$stage/gnupg"
  gpg --batch --quiet --import "$key" || fail "$wanted, got the file $key"
  found=$(gpg --batch --with-colons --list-secret-keys)
else
  found=$(gpg --batch --with-colons --list-secret-keys "$key" 2>/dev/null) || found=''
fi
# The first "fpr" after "sec" is the key, those after "ssb" are its subkeys.
fingerprint=$(printf '%s\n' "$found" | awk -F : '/^sec:/ { key = 1 } /^fpr:/ && key { print $10; key = 0 }')
case $fingerprint in
'') fail "$wanted, got $key" ;;
*[!0-9A-F]*) fail "$wanted, got several keys for $key: $(echo "$fingerprint" | paste -s -d ' ')" ;;
esac
sign() {
  gpg --batch --quiet --digest-algo SHA512 --local-user "$fingerprint" "$@"
}
# Where the agent asks for the passphrase of a key.
GPG_TTY=$(tty) || GPG_TTY=''
export GPG_TTY

# FOLDER changes only when everything has succeeded. A web server reads it as another user.
umask 022
mkdir -p "$folder/pool"
cp -R "$folder/pool" "$stage/"
install -m 644 "$@" "$stage/pool/"
release=$stage/dists/stable
architectures=$(for file in "$stage"/pool/*.deb; do dpkg-deb --field "$file" Architecture; done | sort -u | paste -s -d ' ')
for architecture in $architectures; do
  index=$release/main/binary-$architecture
  mkdir -p "$index"
  (cd "$stage" && apt-ftparchive --arch "$architecture" packages pool) >"$index/Packages"
  gzip -9 -n -k "$index/Packages"
done
# The time of the newest package, from the header of its first member. apt refuses a Release that is older than the last one.
epoch=$(for file in "$stage"/pool/*.deb; do head -c 36 "$file" | tail -c 12; echo; done | sort -n | tail -n 1)
option=APT::FTPArchive::Release
apt-ftparchive -o $option::Origin=hostp2pd -o $option::Label=hostp2pd -o $option::Suite=stable -o $option::Codename=stable \
  -o "$option::Architectures=$architectures" -o $option::Components=main release "$release" |
  sed "s/^Date: .*/Date: $(LC_ALL=C date -u -R -d "@${epoch%% *}")/" >"$stage/Release"
mv "$stage/Release" "$release/"
sign --clearsign --output "$release/InRelease" "$release/Release"
sign --armor --detach-sign --output "$release/Release.gpg" "$release/Release"
gpg --batch --armor --export-options export-minimal --export "$fingerprint" >"$stage/hostp2pd.asc"

cp -R "$stage/pool" "$stage/hostp2pd.asc" "$folder/"
rm -rf "$folder/dists"
mv "$stage/dists" "$folder/"
echo "$folder: $(ls "$folder"/pool | wc -l) packages for $architectures, signed by $fingerprint"
