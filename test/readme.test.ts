import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

const documents = [
  "README.md",
  "CHANGELOG.md",
  "docs/check.md",
  "docs/faults.md",
  "docs/identity.md",
  "docs/install.md",
  "docs/orders.md",
  "docs/support.md",
  "docs/testing.md",
];

describe.each(documents)("%s", (document) => {
  const text = readFileSync(resolve(root, document), "utf8");

  it("links to what exists", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^\w+:/.test(link));
    expect(links.filter((link) => !existsSync(resolve(root, document, "..", link)))).toEqual([]);
  });

  it("names paths that exist", () => {
    const paths = [...text.matchAll(/`((?:src|hal|sim|platform|test|bench|docs|systemd)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? "",
    );
    expect(paths.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
  });
});
