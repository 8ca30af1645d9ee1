/** A small catalogue to try things with: a shop of hot drinks, in which many things match one word alike, so that clicks decide. */
import type { DocumentInput } from '../../generated/operations.js';

const drinks: readonly [title: string, body: string][] = [
  ['Sencha green tea', 'Steamed leaves from Japan, fresh and grassy.'],
  ['Dragonwell green tea', 'Pan-fired leaves from China, mild and nutty.'],
  ['Gunpowder green tea', 'Rolled leaves that open in the cup, a little smoky.'],
  ['Jasmine green tea', 'Scented with flowers over several nights.'],
  ['Matcha green tea', 'Stone-ground powder, whisked into a strong cup.'],
  ['Genmaicha green tea', 'With roasted rice, warm and toasty.'],
  ['Assam black tea', 'Malty and strong, for the morning, good with milk.'],
  ['Darjeeling black tea', 'Light and flowery, from high gardens.'],
  ['Ceylon black tea', 'Bright and brisk, good with lemon.'],
  ['Earl Grey black tea', 'With oil of bergamot.'],
  ['Lapsang souchong black tea', 'Dried over pine fires, very smoky.'],
  ['Keemun black tea', 'Soft, with a note of cocoa.'],
  ['Silver needle white tea', 'Only buds, hardly oxidised, delicate.'],
  ['White peony tea', 'Buds and young leaves, round and sweet.'],
  ['Milk oolong tea', 'Half oxidised, creamy by itself.'],
  ['Iron goddess oolong tea', 'Rolled tightly, flowery, for many infusions.'],
  ['Peppermint herbal tea', 'Cool and clear, without caffeine, for the evening.'],
  ['Chamomile herbal tea', 'Flowers, without caffeine, before sleep.'],
  ['Ginger lemon herbal tea', 'Hot and sour, without caffeine, for cold days.'],
  ['Rooibos herbal tea', 'Red bush from the Cape, without caffeine, good with milk.'],
  ['Espresso coffee beans', 'Dark roast, low acid, for the machine.'],
  ['Filter coffee beans', 'Light roast, fruity, for pouring over.'],
  ['Decaf coffee beans', 'Washed with water, without caffeine, for the evening.'],
  ['Mocha coffee beans', 'From Yemen, with a note of cocoa.'],
  ['Breakfast coffee, ground', 'Medium roast, for the morning, good with milk.'],
  ['Drinking chocolate', 'Cocoa and sugar, hot with milk.'],
  ['Teapot of cast iron', 'Keeps green tea and black tea warm for an hour.'],
  ['Glass teapot', 'To watch flowering tea open.'],
  ['Coffee grinder', 'By hand, from fine for espresso to coarse for filter coffee.'],
  ['Milk frother', 'For matcha, coffee and drinking chocolate.'],
];

export const sampleCatalogue: DocumentInput[] = drinks.map(([title, body], index) => ({ id: `drink-${index + 1}`, title, body }));
