import { defineConfig } from "vitest/config";

/** Tests that run beside each other; the groups run one after the other, in the order of their numbers. */
const group = (name: string, groupOrder: number, include: string, options: object = {}) => ({
  test: {
    name,
    include: [include],
    sequence: { groupOrder },
    // onoff's epoll add-on crashes in worker threads.
    pool: "forks" as const,
    // A timing never decides a test: this only ends one that hangs, on a machine that is busy with others.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 50 } },
    ...options,
  },
});

/** Real programs on a machine that is busy with three runs at a time; `.ci/run` names each test that took its second try. */
const retry = process.env.CI === undefined ? 0 : 1;

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    projects: [
      group("units", 0, "test/**/*.test.ts", { exclude: ["test/lab/**", "test/vm/**"], retry }),
      // A lab mostly waits, and has namespaces of its own; more than three at a time would wait for one another.
      group("lab", 1, "test/lab/**/*.test.ts", { maxWorkers: 3, retry }),
      // A whole machine under emulation, which wants this one for itself.
      group("guest", 2, "test/vm/**/*.test.ts", { fileParallelism: false }),
    ],
  },
});
