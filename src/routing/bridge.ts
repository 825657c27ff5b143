/** What a bridge does with one frame. */
export interface BridgeAnswer {
  /** `up`: to the bridge's own namespace; `port`: to one port; `flood`: to several. */
  readonly outcome: 'up' | 'port' | 'flood' | 'drop';
  /** Ports that the frame leaves by. */
  readonly ports: readonly string[];
  /** The setting or entry that decided, as a sentence part. */
  readonly because: string;
}
