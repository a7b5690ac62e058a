import { alternate, type Effort, type Figure, ratioRow, timeProgram } from "./measure.ts";
import { createHome } from "./program.ts";

const goal = 2;

/** From the start of the process to the first picture, beside a Node that does nothing. */
export async function measureStart({ pairs }: Effort): Promise<Figure> {
  const home = await createHome();
  // The log bears the time of the event in whole milliseconds, rounded down, and so does our start.
  const until = (message: string) => async () => {
    const startMs = Date.now();
    const running = home.start();
    const saidMs = await running.said(message);
    await running.stop("SIGKILL");
    return saidMs - startMs;
  };
  const bare = () => timeProgram(process.execPath, ["-e", "0"]);
  try {
    // Compiled code is stored at a regular end.
    const once = home.start();
    await once.said("display: ready");
    await once.stop("SIGTERM");
    const first = await alternate(pairs, bare, until("first picture drawn"));
    const glass = await alternate(pairs, bare, until("display: ready"));
    return {
      title: "Start: from spawn to the first picture",
      notes: [
        `bezel run, mock board, simulated network, warm cache, against node -e 0 from spawn to exit; ${pairs} pairs, alternated.`,
        "The second row adds the display's own waits: power-on, initialisation and the bytes at 100 kHz.",
      ],
      rows: [
        ratioRow("first Frame drawn", { ours: first.b, bare: first.a }, goal),
        ratioRow("it stands on the glass", { ours: glass.b, bare: glass.a }, null),
      ],
    };
  } finally {
    await home.remove();
  }
}
