/** Why a run was rejected, as short as a line of the terminal. */

/**
 * The finding alone, without what it may come from and what to do about it, which the run's own reason has.
 *
 * Example: "412 clicks where 96 were expected in 1,000 samples (z = 34): more than chance gives, as from …" → "412 clicks where
 * 96 were expected in 1,000 samples (z = 34)".
 */
export function shortReason(reason: string): string {
  return reason.split(/: |, as when |\.(?: |$)/)[0] ?? reason;
}
