/**
 * Why the machine refused. Generic code decides by kind; the message is for people.
 *
 * - `absent`      the device is not there (ENOENT, ENODEV, a port pulled out)
 * - `noAck`       an I2C address or byte was not acknowledged (EREMOTEIO, ENXIO)
 * - `busy`        somebody else holds the device (EBUSY), or a caller overlapped two operations
 * - `timeout`     the device did not answer in time
 * - `closed`      the port was closed by us or hung up
 * - `exists`      there is something of that name already (EEXIST)
 * - `full`        no space left (ENOSPC, EDQUOT)
 * - `readOnly`    the file system is mounted read only (EROFS)
 * - `denied`      no permission (EACCES, EPERM)
 * - `unsupported` the device cannot do this
 * - `io`          anything else the kernel reports
 */
export type HalErrorKind =
  | "absent"
  | "noAck"
  | "busy"
  | "timeout"
  | "closed"
  | "exists"
  | "full"
  | "readOnly"
  | "denied"
  | "unsupported"
  | "io";

/** An error of the machine, never of the program. `device` names the thing as the operator knows it. */
export class HalError extends Error {
  readonly kind: HalErrorKind;
  readonly device: string;

  constructor(kind: HalErrorKind, device: string, message: string, options?: ErrorOptions) {
    super(`${device}: ${message}`, options);
    this.name = "HalError";
    this.kind = kind;
    this.device = device;
  }
}

const kindsByErrno: Readonly<Record<string, HalErrorKind>> = {
  ENOENT: "absent",
  ENODEV: "absent",
  ENXIO: "noAck",
  EREMOTEIO: "noAck",
  EBUSY: "busy",
  EAGAIN: "busy",
  ETIMEDOUT: "timeout",
  EBADF: "closed",
  EPIPE: "closed",
  EEXIST: "exists",
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "readOnly",
  EACCES: "denied",
  EPERM: "denied",
  ENOTSUP: "unsupported",
  EOPNOTSUPP: "unsupported",
};

/** Maps an errno error of Node or of a native add-on to a {@link HalError}; the one place that reads errno names. */
export function fromErrno(device: string, error: unknown): HalError {
  if (error instanceof HalError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  const message = error instanceof Error ? error.message : String(error);
  return new HalError(kindsByErrno[code] ?? "io", device, message, { cause: error });
}
