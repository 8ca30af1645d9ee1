/** Places in words. */

/**
 * A place, counted from 1, as an English ordinal.
 *
 * Example: 1 → "1st", 2 → "2nd", 11 → "11th", 21 → "21st", 112 → "112th".
 */
export function ordinal(place: number): string {
  const teens = place % 100;
  const suffix = teens >= 11 && teens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${suffix}`;
}
