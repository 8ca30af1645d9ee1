/** The demo's terminal: redrawn where that is possible, plain lines elsewhere. */
import { expect, test } from '@jest/globals';
import { Terminal, type TerminalStream } from '../../../demo/terminal.js';

function stream(more: Partial<TerminalStream> = {}): TerminalStream & { text: string } {
  return {
    text: '',
    write(text: string) {
      this.text += text;
    },
    ...more,
  };
}

test('on a terminal the state is redrawn below the lines', () => {
  const out = stream({ isTTY: true, columns: 40, hasColors: () => false });
  const terminal = new Terminal(out);
  terminal.status('one');
  terminal.line('event');
  terminal.status('two');
  terminal.status('');
  expect(out.text).toBe('\r\x1b[2Kone' + '\r\x1b[2Kevent\none' + '\r\x1b[2Ktwo' + '\r\x1b[2K');
});

test('the state is cut before it would wrap', () => {
  const out = stream({ isTTY: true, columns: 10 });
  new Terminal(out).status('0123456789abc');
  expect(out.text).toBe('\r\x1b[2K012345678');
});

test('where nothing can be redrawn, there are no control characters, and the state comes at most every five seconds', () => {
  let nowMs = 0;
  const out = stream({ hasColors: () => true });
  const terminal = new Terminal(out, () => nowMs);
  terminal.status('a');
  terminal.status('b');
  terminal.line(terminal.paint('bold', 'event'));
  nowMs = 5_000;
  terminal.status('c');
  terminal.status('');
  expect(out.text).toBe('a\nevent\nc\n');
});

test('colours are for terminals that have them', () => {
  expect(new Terminal(stream({ isTTY: true, hasColors: () => true })).paint('bold', 'x')).toBe('\x1b[1mx\x1b[22m');
  expect(new Terminal(stream({ isTTY: true, hasColors: () => false })).paint('bold', 'x')).toBe('x');
});
