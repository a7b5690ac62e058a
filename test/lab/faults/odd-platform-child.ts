/** The scripted platform as a program: `node FILE ODD PORT`; says `ready` on standard output. */
import { type OddPlatform, serveOddPlatform } from "../../support/odd-platform.ts";

const [, , odd = "", port = ""] = process.argv;
void serveOddPlatform(JSON.parse(odd) as OddPlatform, Number(port)).then(() => process.stdout.write("ready\n"));
