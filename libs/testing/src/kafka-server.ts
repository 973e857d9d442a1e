import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that is ours. Started or not, it keeps its data and its address until it is stopped. */
export interface KafkaServer {
  /** `host:port` */
  readonly address: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A server whose clients come by TLS, with a name and a password, and may do what its rules say. */
export interface Security {
  /** Password by name. `admin` may do everything. */
  readonly passwords: Readonly<Record<string, string>>;
  /** PEM; signs itself. */
  readonly certificate: string;
  readonly key: string;
}

export interface Sockets {
  readonly listen: string;
  readonly advertise: string;
  readonly controllerPort: number;
}

/** One line in a file of properties and in a variable of the environment. */
const oneLine = (pem: string): string => pem.trim().replaceAll('\n', '\\n');

const secured = ({ passwords, certificate, key }: Security): Record<string, string> => ({
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  // The server speaks to its own controller without a name, on a port that no client knows.
  'super.users': 'User:admin;User:ANONYMOUS',
  'sasl.enabled.mechanisms': 'PLAIN', 'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.clients.plain.sasl.jaas.config': 'org.apache.kafka.common.security.plain.PlainLoginModule required '
    + `username="admin" password="${passwords.admin}" ${Object.entries(passwords).map(([name, password]) => `user_${name}="${password}"`).join(' ')};`,
  'ssl.keystore.type': 'PEM', 'ssl.keystore.key': oneLine(key), 'ssl.keystore.certificate.chain': oneLine(certificate),
  'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': oneLine(certificate),
});

/** A server of one node. The listener's own name keeps the image's start script from asking for files of keys. */
export const serverSettings = ({ listen, advertise, controllerPort }: Sockets, folder: string, security?: Security): Record<string, string> => ({
  'process.roles': 'broker,controller', 'node.id': '1', 'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`, 'controller.listener.names': 'CONTROLLER',
  listeners: `CLIENTS://${listen},CONTROLLER://127.0.0.1:${controllerPort}`, 'advertised.listeners': `CLIENTS://${advertise}`,
  'inter.broker.listener.name': 'CLIENTS', 'listener.security.protocol.map': `CLIENTS:${security ? 'SASL_SSL' : 'PLAINTEXT'},CONTROLLER:PLAINTEXT`,
  'log.dirs': folder.replaceAll('\\', '/'), 'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1', 'offsets.topic.num.partitions': '4', 'transaction.state.log.replication.factor': '1', 'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0', 'log.cleaner.backoff.ms': '200',
  // Killed, it is taken back only when its old session is over.
  'broker.session.timeout.ms': '1500', 'broker.heartbeat.interval.ms': '300',
  ...(security && secured(security)),
});

/** A certificate for this machine, good for a day. */
export const certify = async (): Promise<Pick<Security, 'certificate' | 'key'>> => {
  const folder = await mkdtemp(join(tmpdir(), 'opora-tls-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const openssl = spawn('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const [code] = await once(openssl, 'exit') as [number];
    if (code !== 0) throw new Error('openssl made no certificate');
    return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
