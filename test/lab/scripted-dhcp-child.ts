/** The scripted DHCP server as a program: `node FILE SCRIPT`; a line on standard output for each message that came. */
import { createSocket } from "node:dgram";
import { answerOf, type DhcpScript, encodeDhcp, parseDhcp, stageOf } from "./dhcp-message.ts";

const script = JSON.parse(process.argv[2] ?? "") as DhcpScript;
const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (packet, from) => {
  const message = parseDhcp(packet);
  if (message === null) return;
  const stage = stageOf(script, message);
  if (stage === null) return;
  const answer = answerOf(script, stage, message);
  process.stdout.write(`${stage} ${answer}\n`);
  // A client without an address hears broadcasts only; one that renews, what is sent to its address.
  if (answer !== "silence")
    socket.send(encodeDhcp(script, message, answer), 68, stage === "renew" ? from.address : "255.255.255.255");
});
socket.bind(67, () => {
  socket.setBroadcast(true);
  process.stdout.write("ready\n");
});
