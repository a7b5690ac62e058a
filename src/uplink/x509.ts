/**
 * The X.509 library, loaded when a certificate has to be made and not before: that is once in the life of an appliance.
 * Its dependency container refuses to load without decorator metadata, though the library declares none.
 */
export async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  const none = () => undefined;
  for (const name of ["getMetadata", "getOwnMetadata", "defineMetadata"]) {
    if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value: none, configurable: true, writable: true });
  }
  return import("@peculiar/x509");
}
