#!/bin/busybox sh
# The lab's first process, run from the initramfs.
#
# Builds a root directory that is the developer's own machine, read-only by virtio-9p, under an overlay whose upper
# layer is memory: everything installed there (node, the checkout, wpa_supplicant) is available here, and nothing written here
# is kept, except in /lab/results, a second, writable share.
#
# The host writes /lab/results/lab.conf, with one value on each line: the checkout, node's path, the program to run, the
# root directory of another system or nothing, what process 1 is ("lab" or "systemd"), and the root directory that has the
# phones' wpa_supplicant, or nothing. Another system replaces the machine's own. As process 1, systemd starts the lab as a
# service. Here the checkout is always /lab/checkout and node /lab/node/bin/node, wherever
# they are outside: units with PrivateTmp= and ProtectHome= see them, and so do users who may not enter /root.
export PATH=/bin
/bin/busybox mkdir -p /proc /sys /dev /lower /upper /root
/bin/busybox --install -s /bin

stop_with() {
  echo "lab-init: $*"
  echo o > /proc/sysrq-trigger
  sleep 60
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do
  insmod "/modules/$module" || stop_with "cannot load $module"
done < /modules.load

mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=1048576,ro machine /lower || stop_with 'no 9p root'
mount -t tmpfs -o size=75% tmpfs /upper
mkdir /upper/files /upper/work
mkdir /results
mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576 results /results || stop_with 'no 9p results'
{ read -r checkout; read -r node; read -r program; read -r system; read -r init; read -r phones; } < /results/lab.conf
mount -t overlay -o "lowerdir=/lower$system,upperdir=/upper/files,workdir=/upper/work" overlay /root ||
  stop_with 'no overlay'

mkdir -p /root/lab
mount -t tmpfs -o mode=755 tmpfs /root/lab
mkdir /root/lab/results /root/lab/scratch /root/lab/checkout /root/lab/node
mount --move /results /root/lab/results
cp -r /modules /bin/busybox /start.sh /root/lab/
mount --bind "/lower$checkout" /root/lab/checkout || stop_with "no checkout at $checkout"
mount --bind "/lower${node%/bin/*}" /root/lab/node || stop_with "no node at $node"
if [ -n "$phones" ]; then
  mkdir /root/lab/phones
  mount --bind "/lower$phones" /root/lab/phones || stop_with "no root of the phones at $phones"
fi
node=/lab/node/bin/${node##*/}

without_services() {
  # /run and /tmp of the machine contain sockets and files of programs that do not run here, so they start empty.
  for directory in run tmp; do mount -t tmpfs -o mode=1777 tmpfs "/root/$directory"; done
  chmod 755 /root/run
}

with_systemd() {
  mount -t tmpfs -o mode=1777 tmpfs /root/tmp
  # The usual units of a system do not start: only the journal runs, and units that a scenario starts, with their
  # dependencies.
  units=/root/etc/systemd/system
  rm -rf /root/etc/systemd /root/usr/lib/systemd/system-generators /root/usr/lib/systemd/system/*.wants
  mkdir -p "$units"
  cat > "$units/lab.service" << unit
[Unit]
DefaultDependencies=no
After=systemd-journald.socket systemd-journald-dev-log.socket
[Service]
ExecStart=/lab/busybox sh /lab/start.sh "$node" "$program"
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
unit
  cat > "$units/lab.target" << unit
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
Requires=lab.service
After=lab.service
AllowIsolate=yes
unit
  # Without a machine id systemd would treat this as a first boot, and enable the preset units of the distribution.
  echo 6c616200000000000000000000000000 > /root/etc/machine-id
}

if [ "$init" = systemd ]; then with_systemd; else without_services; fi

mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
ln -sf /proc/self/fd /root/dev/fd
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts devpts /root/dev/pts
mount -t tmpfs tmpfs /root/dev/shm
mount -t cgroup2 none /root/sys/fs/cgroup
ip link set lo up
hostname lab
if [ "$init" = systemd ]; then exec switch_root /root /lib/systemd/systemd --unit=lab.target --show-status=no; fi
exec switch_root /root /lab/busybox sh /lab/start.sh "$node" "$program"
