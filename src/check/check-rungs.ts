/** What a check looks at for each host, lowest first: either the proxy or the connection. */
export const checkRungs = ["dns", "proxy", "connect", "tls", "http", "clock"] as const;
export type CheckRung = (typeof checkRungs)[number];
