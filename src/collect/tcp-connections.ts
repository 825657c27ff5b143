import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { TcpSocket } from '../model/traffic.js';
import { parseSsConnections } from '../parse/ss-connections.js';
import type { CollectOptions } from './collector.js';
import { runArtifact } from './run-artifact.js';

const COMMAND = ['ss', '-Htino', 'state', 'connected'];

/** The command that lists the TCP connections of a namespace. */
export const tcpConnectionsCommand = (netns: NetnsRef): readonly string[] => inNetns(netns, COMMAND);

/** The TCP connections of a namespace, those that are being made and taken down included. */
export const collectTcpConnections = (
  netns: NetnsRef,
  options: CollectOptions = {},
): Promise<Artifact<readonly TcpSocket[]>> => runArtifact(netns, COMMAND, options, parseSsConnections);
