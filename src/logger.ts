/** The one way to log: structured lines (pino), pretty on a terminal. Callers take the Logger type only. */
import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

export interface LoggerOptions {
  level: string;
  format: 'pretty' | 'json';
}

export function createLogger({ level, format }: LoggerOptions): Logger {
  if (format === 'json') return pino({ level });
  return pino({
    level,
    transport: { target: 'pino-pretty', options: { colorize: process.stdout.isTTY, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } },
  });
}
