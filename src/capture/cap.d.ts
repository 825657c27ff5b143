/** The part of `cap`'s decoders that is used. They throw on short input. */
declare module 'cap/lib/Decoders.js' {
  export function IPV4(
    bytes: Buffer,
    offset?: number,
  ): {
    readonly info: {
      readonly hdrlen: number;
      readonly totallen: number;
      readonly id: number;
      readonly flags: number;
      readonly fragoffset: number;
      readonly ttl: number;
      readonly protocol: number;
      readonly srcaddr: string;
      readonly dstaddr: string;
    };
    readonly offset: number;
  };
  export function TCP(
    bytes: Buffer,
    offset?: number,
  ): {
    readonly info: {
      readonly srcport: number;
      readonly dstport: number;
      readonly seqno: number;
      readonly ackno: number | undefined;
      readonly flags: number;
    };
  };
  export function UDP(
    bytes: Buffer,
    offset?: number,
  ): { readonly info: { readonly srcport: number; readonly dstport: number; readonly length: number } };
}
