import { describe, expect, it } from "vitest";
import { createScriptedFollowers } from "../../../hal/mock/scripted-followers.ts";

describe("scripted followers", () => {
  it("print and end when they are told to", async () => {
    const followers = createScriptedFollowers();
    const lines: string[] = [];
    const options = { line: (line: string) => lines.push(line), signal: new AbortController().signal };
    const ended = followers.follow(["ip", "monitor"], options);
    const [follower] = followers.running;
    expect(follower?.argv).toEqual(["ip", "monitor"]);
    follower?.print("one");
    follower?.end({ kind: "exited", code: 2, stdout: "", stderr: "why" });
    follower?.print("two");
    expect(await ended).toEqual({ kind: "exited", code: 2, stdout: "", stderr: "why" });
    expect([lines, followers.running, followers.started()]).toEqual([["one"], [], 1]);
  });

  it("end with their signal, before and after the start", async () => {
    const followers = createScriptedFollowers();
    const abort = new AbortController();
    const options = { line: () => {}, signal: abort.signal };
    const running = followers.follow(["ip", "monitor"], options);
    abort.abort();
    const aborted = { kind: "aborted", stdout: "", stderr: "" };
    expect(await running).toEqual(aborted);
    expect(await followers.follow(["ip", "monitor"], options)).toEqual(aborted);
    expect(followers.running).toEqual([]);
  });
});
