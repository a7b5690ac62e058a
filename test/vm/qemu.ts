import { join } from "node:path";

/** What a guest is made of. Paths are of this machine. */
export interface Hardware {
  readonly kernel: string;
  readonly initrd: string;
  /** The root file system. Never written: what a guest writes there is gone when its qemu ends. */
  readonly root: string;
  /** The appliance's state, mounted on its state directory. Written. */
  readonly state: string;
  /** Where each write to the state disk is recorded in order (the kernel's dm-log-writes format); null: not recorded. */
  readonly writeLog: string | null;
  /** A tar file that the guest unpacks over its root at each boot. */
  readonly seed: string;
  /** Holds the sockets that qemu connects to: see {@link sockets}. */
  readonly folder: string;
}

/** Unix sockets in the guest's folder, on which the driver listens before qemu starts. */
export const sockets = { agent: "agent.sock", console: "console.sock" } as const;
/** The kernel's messages and the service manager's, as a file in the guest's folder. */
export const kernelLogFile = "kernel.log";

/** The far end of the panel's console, as the guest knows it. */
export const consoleDevice = "/dev/ttyS1";

const kernelOptions = [
  "root=LABEL=root",
  "console=ttyS0,115200",
  "loglevel=4",
  // A login getty would take the line. The guest has no other users to be protected from.
  "systemd.getty_auto=no",
  "mitigations=off",
  "rootflags=noatime",
  "panic=1",
];

/**
 * Software emulation, since a machine with KVM cannot be counted on. The LAN port and its far side are two network cards on
 * one hub, the WAN port and its far side on another; a fifth card leads to this machine's loopback as 10.0.2.2.
 */
export function qemuArguments(hardware: Hardware): string[] {
  const { kernel, initrd, root, state, writeLog, seed, folder } = hardware;
  const socket = (id: keyof typeof sockets) => `socket,id=${id},path=${join(folder, sockets[id])}`;
  const card = (id: string, number: number) => `virtio-net-pci,netdev=${id},romfile=,mac=52:54:00:77:00:0${number}`;
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none"],
    ...["-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024"],
    ...["-kernel", kernel, "-initrd", initrd, "-append", kernelOptions.join(" ")],
    ...["-fw_cfg", `name=opt/guest/seed,file=${seed}`],
    ...["-drive", `if=virtio,format=raw,snapshot=on,cache=unsafe,file=${root}`],
    ...stateDisk(state, writeLog),
    ...["-chardev", `file,id=kernel,path=${join(folder, kernelLogFile)}`, "-serial", "chardev:kernel"],
    ...["-chardev", socket("console"), "-serial", "chardev:console"],
    ...["-device", "virtio-serial-pci", "-chardev", socket("agent")],
    ...["-device", "virtserialport,chardev=agent,name=guest.agent"],
    ...["-device", "virtio-rng-pci"],
    ...["-netdev", "hubport,id=lan,hubid=1", "-device", card("lan", 1)],
    ...["-netdev", "hubport,id=far,hubid=1", "-device", card("far", 2)],
    ...["-netdev", "hubport,id=wan,hubid=2", "-device", card("wan", 3)],
    ...["-netdev", "hubport,id=farwan,hubid=2", "-device", card("farwan", 5)],
    ...["-netdev", "user,id=out,ipv6=off", "-device", card("out", 4)],
  ];
}

function stateDisk(state: string, writeLog: string | null): string[] {
  const file = (node: string, path: string) => `node-name=${node},driver=file,filename=${path}`;
  const disk = writeLog === null ? "state-file" : "state-recorded";
  const recorder = [
    ...["-blockdev", file("log", writeLog ?? "")],
    ...[
      "-blockdev",
      "node-name=state-recorded,driver=blklogwrites,file=state-file,log=log,log-super-update-interval=1",
    ],
  ];
  return [
    ...["-blockdev", file("state-file", state)],
    ...(writeLog === null ? [] : recorder),
    ...["-blockdev", `node-name=state,driver=raw,file=${disk}`, "-device", "virtio-blk-pci,drive=state,serial=state"],
  ];
}
