/** The kernel's limit for a name is 15 bytes (IFNAMSIZ with its NUL). */
const longestName = 15;

/** The interface of a tagged network of a port: `lan0.20`; where the port's name is too long for that, `vlan20`. */
export function vlanInterface(parent: string, tag: number): string {
  const name = `${parent}.${tag}`;
  return name.length <= longestName ? name : `vlan${tag}`;
}
