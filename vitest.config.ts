import { defineConfig } from "vitest/config";

/** Tests that run beside each other; the groups run one after the other, in the order of their numbers. */
const group = (name: string, groupOrder: number, include: string, options: object = {}) => ({
  test: {
    name,
    include: [include],
    sequence: { groupOrder },
    // onoff's epoll add-on crashes in worker threads.
    pool: "forks" as const,
    ...options,
  },
});

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    projects: [
      group("units", 0, "test/**/*.test.ts", { exclude: ["test/lab/**", "test/vm/**"] }),
      // Whole machines, each of which wants this one for itself.
      group("lab", 1, "test/lab/**/*.test.ts", { fileParallelism: false }),
      group("guest", 2, "test/vm/**/*.test.ts", { fileParallelism: false }),
    ],
  },
});
