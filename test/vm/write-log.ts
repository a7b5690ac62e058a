/** What a disk was told, in its order, as the kernel's dm-log-writes records them (and qemu's blklogwrites). */
export type DiskEvent =
  | DiskWrite
  /** All writes before it are safe. */
  | { readonly kind: "flush" };

/** Bytes of the disk from `offset` on. Not safe before the next flush. */
export interface DiskWrite {
  readonly kind: "write";
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Documentation/admin-guide/device-mapper/log-writes.rst and drivers/md/dm-log-writes.c of the kernel. */
const magic = 0x6a736677736872n;
const superSectors = 1;
const flags = { flush: 1n, fua: 2n, discard: 4n, mark: 8n };

/** Throws when it is not such a log, or one that is cut off. */
export function parseWriteLog(log: Buffer): DiskEvent[] {
  if (log.length < 28 || log.readBigUInt64LE(0) !== magic) throw new Error("not a log of writes");
  const count = Number(log.readBigUInt64LE(16));
  const sectorBytes = log.readUInt32LE(24);
  const events: DiskEvent[] = [];
  let at = superSectors * sectorBytes;
  for (let entry = 0; entry < count; entry++) {
    const offset = Number(log.readBigUInt64LE(at)) * sectorBytes;
    const bytes = Number(log.readBigUInt64LE(at + 8)) * sectorBytes;
    const set = log.readBigUInt64LE(at + 16);
    at += sectorBytes;
    // A flush comes before the data of its own request, a write with FUA is safe when it has ended.
    if ((set & flags.flush) !== 0n) events.push({ kind: "flush" });
    if ((set & (flags.discard | flags.mark)) !== 0n) throw new Error("discards and marks are not expected here");
    if (bytes === 0) continue;
    const data = log.subarray(at, at + bytes);
    if (data.length < bytes) throw new Error("the log of writes is cut off");
    events.push({ kind: "write", offset, data });
    at += bytes;
    if ((set & flags.fua) !== 0n) events.push({ kind: "flush" });
  }
  return events;
}
