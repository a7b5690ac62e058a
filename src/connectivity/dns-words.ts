/** What c-ares calls an answer without an address, by its name in DNS (RFC 1035 section 4.1.1). */
const answers: Readonly<Record<string, string>> = {
  ENOTFOUND: "NXDOMAIN",
  ESERVFAIL: "SERVFAIL",
  EREFUSED: "REFUSED",
  EFORMERR: "FORMERR",
  ENOTIMP: "NOTIMP",
  ENODATA: "no address",
};

/** A server's answer, for "it says ... for a name". A code that is none of DNS stays as it is. */
export function answerText(code: string): string {
  return answers[code] ?? code;
}

/** How c-ares says that a server was not reached, in the words of people. */
const unreachable: Readonly<Record<string, string>> = {
  ETIMEOUT: "no answer",
  ECONNREFUSED: "refuses DNS queries",
  ENETUNREACH: "no route to it",
  EHOSTUNREACH: "no route to it",
};

export function unreachableText(code: string): string {
  const words = unreachable[code];
  return words === undefined ? code : `${words} (${code})`;
}
