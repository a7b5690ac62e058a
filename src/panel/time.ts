/** Times as the glass shows them, UTC. They come as ISO 8601 UTC. */

/** `2026-01-31 13:05 UTC`. */
export function calendarTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `31 Jan 13:05 UTC`: 16 characters, for a time that is near. */
export function nearTime(iso: string): string {
  return `${iso.slice(8, 10)} ${months[Number(iso.slice(5, 7)) - 1] ?? "?"} ${iso.slice(11, 16)} UTC`;
}
