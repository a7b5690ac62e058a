declare const BEZEL_VERSION: string | undefined;

/** The version in package.json, put in by the build; sources that run unbuilt have none. */
export const version: string = typeof BEZEL_VERSION === "string" ? BEZEL_VERSION : "0.0.0-source";
