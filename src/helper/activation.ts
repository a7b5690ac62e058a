/** The first descriptor of sd_listen_fds(3). */
const firstDescriptor = 3;

/**
 * The listening socket that systemd hands over with our start, sd_listen_fds(3); null when there is none, or when the
 * variables were meant for another process.
 */
export function activationSocket(environment: NodeJS.ProcessEnv, pid: number): { readonly fd: number } | null {
  const { LISTEN_PID, LISTEN_FDS } = environment;
  return LISTEN_PID === String(pid) && Number(LISTEN_FDS) >= 1 ? { fd: firstDescriptor } : null;
}
