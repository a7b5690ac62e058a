#!/bin/sh
# Installs the built controller (npm run build) and its units on this machine, also over an older version, or below DESTDIR
# for an image; there, `systemd-sysusers` has still to be run. Needs root.
# usage: systemd/install.sh [DESTDIR]     NODE=/path/to/node installs that Node, not the one in PATH
set -eu
cd "$(dirname "$0")/.."
dest=${1:-}
node=${NODE:-$(node -p process.execPath)}
fail() { echo "install.sh: $1" >&2; exit 1; }

[ -f dist/bezel.cjs ] || fail "there is no dist/bezel.cjs; run npm run build first"
flags=$(sed -n 's|^ExecStart=[^ ]* \(.*\) [^ ]*/bezel.cjs run$|\1|p' systemd/bezel.service)
# Other versions of Node may know other flags, and end at one that they do not know.
"$node" $flags -e 0 || fail "$node does not take the flags of systemd/bezel.service: $flags"
for addon in dist/node_modules/i2c-bus dist/node_modules/onoff dist/node_modules/serialport; do
  [ ! -d "$addon" ] || "$node" -e "require('./$addon')" || fail "$addon was built for another Node than $node"
done

# put MODE FILE DESTINATION
put() { install -D -m "$1" "$2" "$dest$3"; }

# Made beside the old one, which may be running, and put in its place whole.
place=$dest/usr/lib/bezel
rm -rf "$place.new" "$place.old"
mkdir -p "$place.new"
cp -R dist/. "$place.new"
put 0755 "$node" /usr/lib/bezel.new/node
[ ! -e "$place" ] || mv "$place" "$place.old"
mv "$place.new" "$place"
rm -rf "$place.old"

put 0755 systemd/bezel.sh /usr/bin/bezel
put 0644 systemd/bezel.service /usr/lib/systemd/system/bezel.service
put 0644 systemd/bezel-net.service /usr/lib/systemd/system/bezel-net.service
put 0644 systemd/bezel-lock-down.service /usr/lib/systemd/system/bezel-lock-down.service
put 0644 systemd/bezel-net.socket /usr/lib/systemd/system/bezel-net.socket
put 0644 systemd/bezel-scan.service /usr/lib/systemd/system/bezel-scan.service
put 0644 systemd/bezel-scan.socket /usr/lib/systemd/system/bezel-scan.socket
put 0644 systemd/bezel-seal.service /usr/lib/systemd/system/bezel-seal.service
put 0644 systemd/bezel-seal.socket /usr/lib/systemd/system/bezel-seal.socket
put 0644 systemd/bezel-scan-lock-down.service /usr/lib/systemd/system/bezel-scan-lock-down.service
put 0644 systemd/bezel-scan-namespace.service /usr/lib/systemd/system/bezel-scan-namespace.service
put 0644 systemd/bezel-scan.sysctl.conf /usr/share/bezel/scan.sysctl.conf
put 0644 systemd/bezel.sysusers.conf /usr/lib/sysusers.d/bezel.conf
put 0644 systemd/bezel.tmpfiles.conf /usr/lib/tmpfiles.d/bezel.conf
put 0644 systemd/bezel.sysctl.conf /usr/lib/sysctl.d/90-bezel.conf
put 0644 systemd/bezel.polkit.rules /usr/share/polkit-1/rules.d/50-bezel.rules
put 0644 systemd/bezel.networkmanager.conf /etc/NetworkManager/conf.d/50-bezel.conf
put 0644 systemd/bezel.udev.rules /usr/lib/udev/rules.d/70-bezel.rules
put 0644 docs/install.md /usr/share/doc/bezel/install.md
put 0644 docs/faults.md /usr/share/doc/bezel/faults.md
put 0644 docs/support.md /usr/share/doc/bezel/support.md
put 0644 docs/identity.md /usr/share/doc/bezel/identity.md
put 0644 LICENSE /usr/share/doc/bezel/LICENSE

# A log-in on a serial port hangs the port up under the console; brltty takes USB adapters for Braille displays.
systemctl --root="${dest:-/}" mask serial-getty@.service brltty.service brltty-udev.service
systemctl --root="${dest:-/}" enable bezel.service bezel-net.socket bezel-lock-down.service \
  bezel-scan.socket bezel-scan-namespace.service bezel-scan-lock-down.service bezel-seal.socket
if [ -z "$dest" ]; then
  systemd-sysusers bezel.conf
  systemd-tmpfiles --create bezel.conf
fi
if [ -z "$dest" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  udevadm control --reload
  # Helpers of the old version, if any are awake: the next request starts the new one.
  systemctl kill bezel-net.service bezel-scan.service bezel-seal.service 2>/dev/null || true
  ! systemctl --quiet is-active bezel.service || echo "install.sh: the old version runs on; now: systemctl restart bezel"
fi
