/** Whether a device's name matches a pattern with `*` and `?` in the last part of its path. */
export function matchesPattern(pattern: string, device: string): boolean {
  const [folder, name] = splitPath(pattern);
  const [deviceFolder, deviceName] = splitPath(device);
  if (folder !== deviceFolder) return false;
  const source = name
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(deviceName);
}

/** The folder (without a trailing slash) and the last part of a path. */
export function splitPath(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash), path.slice(slash + 1)];
}
