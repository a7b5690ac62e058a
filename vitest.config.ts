import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    // onoff's epoll add-on crashes in worker threads.
    pool: "forks",
  },
});
