import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent } from 'undici';

/** What no name may stand for: this machine, whoever shares its cable, the clouds' metadata services, nobody and everybody. */
const closed = new BlockList();
for (const [network, prefix] of [['127.0.0.0', 8], ['0.0.0.0', 8], ['169.254.0.0', 16], ['100.100.100.200', 32], ['192.0.0.0', 24], ['224.0.0.0', 3]] as const) closed.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [['::', 127], ['fe80::', 10], ['fd00:ec2::', 32], ['ff00::', 8], ['64:ff9b::', 96], ['2002::', 16]] as const) closed.addSubnet(network, prefix, 'ipv6');

const isClosed = (address: string): boolean => closed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * Looks a name up at the moment of connecting, so that it cannot answer the check with one address and the connection with another. An
 * address that operations wrote out as such is not looked up; `localhost` says what it is.
 */
export const lookupOpen: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '', 0);
    const refused = hostname !== 'localhost' && found.some(({ address }) => isClosed(address));
    if (refused || found.length === 0) return callback(Object.assign(new Error('The name stands for a closed address'), { code: 'address-closed' }), '', 0);
    return options.all ? (callback as unknown as (error: null, found: dns.LookupAddress[]) => void)(null, found) : callback(null, found[0]!.address, found[0]!.family);
  });
};

/**
 * An idle connection is left that soon, before a stopping service closes it (its DRAIN_MS, a second at least): a command sent at
 * the moment of closing would be lost, and nobody could tell whether it was.
 */
export const IDLE_MS = 400;

export const openAgent = new Agent({ keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS, connect: { lookup: lookupOpen } });
