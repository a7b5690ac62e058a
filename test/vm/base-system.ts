/** Debian 12 without anything of ours. Its recipe, as data: a change makes the base anew, which takes minutes. */
export const suite = "bookworm";
export const mirror = "http://deb.debian.org/debian";

export const packages: readonly string[] = [
  ...[
    "systemd",
    "systemd-sysv",
    "dbus",
    "udev",
    "kmod",
    "polkitd",
    "initramfs-tools",
    "linux-image-amd64",
    "e2fsprogs",
  ],
  ...["network-manager", "iproute2", "iputils-arping", "ethtool", "curl", "openssl", "ca-certificates"],
  // The far side of the network.
  ...["dnsmasq-base", "socat"],
];

/** What an emulated machine has no use for, two thirds of the whole: documentation, and drivers of other hardware. */
const documentation = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];
const kernelParts = [
  ...["sound", "drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/staging", "drivers/iio", "drivers/scsi"],
  ...[
    "drivers/net/wireless",
    "drivers/net/ethernet",
    "drivers/net/usb",
    "drivers/usb",
    "drivers/bluetooth",
    "drivers/md",
  ],
  ...["drivers/hid", "drivers/mtd", "drivers/ata", "drivers/target", "drivers/isdn", "drivers/input", "drivers/video"],
  ...["fs/xfs", "fs/btrfs", "fs/ocfs2", "fs/gfs2", "fs/nfs", "fs/nfsd", "fs/ceph", "fs/cifs", "fs/f2fs", "fs/jfs"],
  ...["net/bluetooth", "net/mac80211", "net/wireless", "net/ceph", "net/sunrpc", "net/tipc", "net/sctp"],
];

export const leftOut: readonly string[] = [
  ...documentation,
  ...kernelParts.map((part) => `/lib/modules/*/kernel/${part}/*`),
];
