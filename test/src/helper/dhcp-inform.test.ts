import { describe, expect, it } from "vitest";
import { createScriptedProcesses, type Reply } from "../../../hal/mock/scripted-processes.ts";
import { askWins } from "../../../src/helper/dhcp-inform.ts";

const never = new AbortController().signal;

const argv = [
  "dhcpcd",
  "--test",
  "--ipv4only",
  "--config=/dev/null",
  "--inform=10.77.0.57/24",
  "--option=netbios_name_servers",
  "--noarp",
  "--noipv4ll",
  "--nodelay",
  "--vendorclassid=",
  "--timeout=6",
  "--script=/usr/bin/env",
  "lan0",
] as const;

/** dhcpcd 9.4.1, run by a user that holds CAP_NET_ADMIN and CAP_NET_RAW. */
const noise = `dhcpcd-9.4.1 starting
ps_dropprivs: chroot: /usr/lib/dhcpcd: Operation not permitted
failed to drop privileges: Operation not permitted
`;
const heard = (...variables: string[]) => `PATH=/usr/bin:/bin
pid=104
reason=TEST
interface=lan0
protocol=dhcp
if_configured=true
ifcarrier=up
new_ip_address=10.77.0.57
new_subnet_cidr=24
${variables.map((variable) => `${variable}\n`).join("")}new_dhcp_message_type=5
new_dhcp_server_identifier=10.77.0.1
`;
const stopped = "PATH=/usr/bin:/bin\npid=110\nreason=STOPPED\ninterface=lan0\nprotocol=link\nifcarrier=up\n";
const approved = `${noise}lan0: received approval for 10.77.0.57\ndhcpcd exited\n`;
const answered = (...variables: string[]): Reply => ({ code: 0, stdout: heard(...variables), stderr: approved });
const servers = (...value: string[]) => ({ ok: true, value });

describe("the WINS servers of a leased address", () => {
  it.each<[string, Reply, object]>([
    ["are two", answered("new_netbios_name_servers=10.77.0.8 10.77.0.9"), servers("10.77.0.8", "10.77.0.9")],
    ["are one", answered("new_netbios_name_servers=10.77.0.8"), servers("10.77.0.8")],
    ["are none", answered(), servers()],
    [
      "are the first two of many",
      answered("new_netbios_name_servers=10.0.0.1 10.0.0.2 10.0.0.3"),
      servers("10.0.0.1", "10.0.0.2"),
    ],
    [
      "are addresses of hosts only",
      answered("new_netbios_name_servers=0.0.0.0 127.0.0.1 255.255.255.255 wins.example 010.0.0.1 10.0.0.9"),
      servers("10.0.0.9"),
    ],
    ["have a variable of their own", answered("new_domain_name=new_netbios_name_servers=10.0.0.1"), servers()],
    [
      "cannot be had, no server answers",
      { code: 1, stdout: stopped, stderr: `${noise}timed out\ndhcpcd exited\n` },
      { ok: false, error: { kind: "timeout", detail: "lan0: no DHCP server answered a DHCPINFORM" } },
    ],
    [
      "cannot be had, the address has gone",
      {
        code: 1,
        stdout: stopped,
        stderr: "dhcpcd-9.4.1 starting\nlan0: cannot add IP address in test mode\ntimed out\ndhcpcd exited\n",
      },
      {
        ok: false,
        error: {
          kind: "refused",
          detail: "lan0: dhcpcd ended with 1: lan0: cannot add IP address in test mode; timed out",
        },
      },
    ],
    [
      "cannot be had, dhcpcd may not write its lock in /run",
      {
        code: 1,
        stderr: "dhcpcd-9.4.1 starting\nmain: pidfile_lock -1: Permission denied\ndhcpcd exited\n",
      },
      {
        ok: false,
        error: { kind: "refused", detail: "lan0: dhcpcd ended with 1: main: pidfile_lock -1: Permission denied" },
      },
    ],
    [
      "cannot be had, dhcpcd says done without an answer",
      { code: 0, stdout: stopped, stderr: noise },
      { ok: false, error: { kind: "refused", detail: "lan0: dhcpcd ended with 0: no word" } },
    ],
    [
      "cannot be had, dhcpcd is missing",
      { kind: "notFound", program: "dhcpcd" },
      { ok: false, error: { kind: "refused", detail: expect.stringContaining("dhcpcd-base") } },
    ],
    [
      "cannot be had, dhcpcd hangs",
      { kind: "timeout", stdout: "", stderr: "" },
      { ok: false, error: { kind: "timeout", detail: "lan0: dhcpcd did not end within 10000 ms" } },
    ],
    [
      "cannot be had, dhcpcd floods",
      { kind: "tooMuchOutput", stdout: heard("new_netbios_name_servers=10.77.0.8"), stderr: "" },
      { ok: false, error: { kind: "refused", detail: "lan0: dhcpcd ended by tooMuchOutput" } },
    ],
  ])("%s", async (_, reply, result) => {
    const processes = createScriptedProcesses([{ expect: argv, reply }]);
    expect(await askWins(processes, "lan0", "10.77.0.57/24", never)).toEqual(result);
    processes.done();
  });
});
