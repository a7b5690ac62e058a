import { describe, expect, it } from "vitest";
import { createFakeClock } from "../../../../hal/mock/fake-clock.ts";
import { createScriptedFollowers } from "../../../../hal/mock/scripted-followers.ts";
import { createNetworkMonitor } from "../../../../src/network/networkmanager/monitor.ts";
import { createSomeLog } from "../../../support/some-log.ts";

const failure = (name: string, address: string) => `2: ${name}    inet6 ${address} scope global dadfailed tentative `;

describe("the kernel's word on a duplicate address", () => {
  const open = () => {
    const followers = createScriptedFollowers();
    const { log } = createSomeLog();
    const monitor = createNetworkMonitor({
      followers,
      clock: createFakeClock(),
      log,
      signal: new AbortController().signal,
    });
    monitor.watch(() => {});
    return { monitor, says: (line: string) => followers.running[0]?.print(line) };
  };

  it.each([
    ["lan0", "2001:db8::5/64", true],
    ["lan0", "2001:db8::6/64", false],
    ["wan0", "2001:db8::5/64", false],
  ])("%s %s while lan0 2001:db8::5/64 is expected: %s", (name, address, heard) => {
    const { monitor, says } = open();
    monitor.expectDad("lan0", "2001:db8::5/64");
    says(failure(name, address));
    expect(monitor.dadFailed()).toBe(heard);
    says("2: lan0: <UP>");
    expect(monitor.dadFailed()).toBe(heard);
  });

  it("counts only when it comes after the expectation", () => {
    const { monitor, says } = open();
    says(failure("lan0", "2001:db8::5/64"));
    monitor.expectDad("lan0", "2001:db8::5/64");
    expect(monitor.dadFailed()).toBe(false);
    says(failure("lan0", "2001:db8::5/64"));
    monitor.expectDad("lan0", "2001:db8::5/64");
    expect(monitor.dadFailed()).toBe(false);
  });
});
