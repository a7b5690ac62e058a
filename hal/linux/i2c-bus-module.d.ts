/** The package ships no types; only what hal/linux/i2c-bus.ts uses is declared. */
declare module "i2c-bus" {
  export interface PromisifiedBus {
    i2cRead(address: number, length: number, buffer: Buffer): Promise<{ bytesRead: number; buffer: Buffer }>;
    i2cWrite(address: number, length: number, buffer: Buffer): Promise<{ bytesWritten: number; buffer: Buffer }>;
    readI2cBlock(
      address: number,
      command: number,
      length: number,
      buffer: Buffer,
    ): Promise<{ bytesRead: number; buffer: Buffer }>;
    close(): Promise<void>;
  }

  export function openPromisified(busNumber: number): Promise<PromisifiedBus>;
}
