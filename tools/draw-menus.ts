import { writeFileSync } from "node:fs";
import { drawMenus } from "./menus-drawing.ts";

// Run in the root of the repository: npm run menus
writeFileSync("docs/menus.svg", drawMenus());
