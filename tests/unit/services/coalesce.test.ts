/** Coalesced work: passes never overlap, and whoever asks gets one that began after the asking. */
import { expect, test } from '@jest/globals';
import { coalesce } from '../../../src/services/coalesce.js';

interface Passes {
  call: () => Promise<void>;
  /** How many have begun. */
  begun: () => number;
  /** Resolves when so many have begun. */
  until: (count: number) => Promise<void>;
  /** Ends the one under way. */
  end: (error?: Error) => void;
}

/** Passes that end when told to. */
function passes(): Passes {
  let begun = 0;
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const call = coalesce(() => {
    if (settle) throw new Error('two passes at once');
    begun += 1;
    return new Promise((resolve, reject) => (settle = { resolve, reject }));
  });
  const end = (error?: Error): void => {
    const ending = settle;
    settle = undefined;
    if (error) ending?.reject(error);
    else ending?.resolve();
  };
  const until = async (count: number): Promise<void> => {
    for (let turn = 0; begun < count && turn < 50; turn++) await Promise.resolve();
    expect(begun).toBe(count);
  };
  return { call, begun: () => begun, until, end };
}

test('calls during a pass share the next one', async () => {
  const { call, begun, until, end } = passes();
  const first = call();
  await until(1);
  const [second, third] = [call(), call()];
  end();
  await first;
  await until(2);
  end();
  await Promise.all([second, third]);
  expect(begun()).toBe(2);
  const fourth = call();
  await until(3);
  end();
  await fourth;
});

test('a call in the very moment a pass ends gets a pass of its own', async () => {
  for (let ticks = 0; ticks < 8; ticks++) {
    const { call, until, end } = passes();
    const first = call();
    await until(1);
    end();
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    const second = call();
    await first;
    await until(2);
    end();
    await second;
  }
});

test('a pass that fails fails for its own callers; those of the next one get the next one', async () => {
  const { call, until, end } = passes();
  const failing = call();
  await until(1);
  const next = call();
  end(new Error('this pass alone'));
  await expect(failing).rejects.toThrow('this pass alone');
  await until(2);
  end();
  await next;
});
