/** The recipe of a Debian 12 without anything of ours. A change of this file makes the system anew, which takes minutes. */
const suite = "bookworm";
const mirror = "http://deb.debian.org/debian";

const packages = words(`
  systemd systemd-sysv dbus udev kmod polkitd initramfs-tools linux-image-amd64 e2fsprogs
  network-manager iproute2 iputils-arping dhcpcd-base nftables ethtool curl openssl ca-certificates
  dnsmasq-base socat nmap
`);

/** What an emulated machine has no use for, half of the whole: documentation, and drivers of other hardware. */
const leftOut = [
  ...words("doc man info locale").map((name) => `/usr/share/${name}/*`),
  ...words(`
    sound drivers/ata drivers/bluetooth drivers/gpu drivers/hid drivers/iio drivers/infiniband drivers/input drivers/isdn
    drivers/md drivers/media drivers/mtd drivers/net/ethernet drivers/net/usb drivers/net/wireless drivers/scsi
    drivers/staging drivers/target drivers/usb drivers/video
    fs/btrfs fs/ceph fs/cifs fs/f2fs fs/gfs2 fs/jfs fs/nfs fs/nfsd fs/ocfs2 fs/xfs
    net/bluetooth net/ceph net/mac80211 net/sctp net/sunrpc net/tipc net/wireless
  `).map((part) => `/lib/modules/*/kernel/${part}/*`),
];

/** Arguments of mmdebstrap. `extra`: folders that are copied into the root before the kernel comes. */
export function mmdebstrapArguments(extra: readonly string[], archive: string): string[] {
  return [
    ...["--mode=root", "--variant=minbase", "--format=tar", "--aptopt=Apt::Install-Recommends false"],
    ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...extra.map((folder) => `--essential-hook=copy-in ${folder} /`),
    ...[`--include=${packages.join(",")}`, suite, archive, mirror],
  ];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
