import { appendFile } from "node:fs/promises";
import { createAuthority } from "../../support/certificates.ts";
import { openActivatedBox } from "../steps.ts";
import { provokeRows } from "./fault-case.ts";
import { openLabOddPlatform } from "./odd-platform.ts";
import { platformCases } from "./platform-cases.ts";

provokeRows(
  "platform",
  async () => {
    const [trusted, stranger] = await Promise.all([createAuthority("Lab CA"), createAuthority("Corporate Proxy CA")]);
    const bench = await openActivatedBox({}, ({ gateway }) => appendFile(gateway.caFile, `\n${trusted.certificate}`));
    return { ...bench, odd: await openLabOddPlatform(bench.lab), trusted, stranger };
  },
  platformCases,
);
